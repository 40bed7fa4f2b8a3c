/** Milliseconds that only ever grow. */
export type Clock = () => number;

/**
 * A clock that starts at the time of day and then runs by itself: whoever sets the machine's clock does not make messages wait, or come too
 * early. Between two runs it may jump, which is repaired at the start.
 */
export function monotonicClock(): Clock {
  const started = Date.now() - performance.now();
  return () => Math.round(started + performance.now());
}
