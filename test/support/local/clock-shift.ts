/** Preloaded into a server by `NODE_OPTIONS`: SIGUSR2 sets its time of day back by two hours, as an administrator might. */
const shift = 2 * 3_600_000;
const RealDate = Date;
let offset = process.env.CLOCK_BACK === 'yes' ? shift : 0;
process.on('SIGUSR2', () => {
  offset += shift;
});

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now() - offset] : args, newTarget),
  get: (target, name) => (name === 'now' ? () => target.now() - offset : Reflect.get(target, name)),
});
