type Value = string | number | boolean;
type Combination = Readonly<Record<string, Value>>;

/** Settings that change which resources there are: every combination of these. */
const main = {
  packaging: ['container', 'zip'],
  auth: ['none', 'iam', 'key'],
  streaming: [true, false],
  events: [false, true],
  firewallRequests: ['', 2000],
  alarmEmail: ['', 'somebody@example.org'],
} as const satisfies Record<string, readonly Value[]>;

/** More of them: each pair of values occurs, here and with those above. */
const further = {
  gradualReleases: [false, true],
  reservedConcurrency: [true, false],
  keepData: [false, true],
  pointInTimeRecovery: [false, true],
  drops: [true, false],
  provisionedClassify: ['', 2],
  sources: ['', 'photos/2026/,scans'],
  canary: [false, true],
} as const satisfies Record<string, readonly Value[]>;

/** All combinations of settings whose templates can be checked. What cannot go together is left as it is by itself. */
export function combinations(): Combination[] {
  const all = product(Object.entries(main));
  return all.map((combination, index) => allowed({ ...combination, ...pick(index) }));
}

/** As few of them as have every pair of values that any of them has: a checker that takes seconds for each gets these. */
export function coveringPairs(all: readonly Combination[]): Combination[] {
  const missing = new Set(all.flatMap(pairsOf));
  const chosen: Combination[] = [];
  while (missing.size > 0) {
    const gains = all.map((each) => pairsOf(each).filter((pair) => missing.has(pair)));
    const most = gains.reduce(
      (best, pairs, index) => (pairs.length > (gains[best]?.length ?? 0) ? index : best),
      0,
    );
    chosen.push(all[most] ?? {});
    for (const pair of gains[most] ?? []) missing.delete(pair);
  }
  return chosen;
}

export function pairsOf(combination: Combination): string[] {
  const values = Object.entries(combination).map(([name, value]) => `${name}=${value}`);
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} ${other}`));
}

function product(settings: readonly (readonly [string, readonly Value[]])[]): Combination[] {
  const [first, ...rest] = settings;
  if (first === undefined) return [{}];
  const [name, values] = first;
  return values.flatMap((value) => product(rest).map((others) => ({ [name]: value, ...others })));
}

/** Bits of a number that looks drawn at random, and is the same each time. */
function pick(index: number): Combination {
  const drawn = Math.imul(index + 1, 0x9e3779b1) >>> 8;
  const entries = Object.entries(further).map(([name, values], bit) => [
    name,
    values[(drawn >> (2 * bit)) & 1] ?? '',
  ]);
  return Object.fromEntries(entries);
}

function allowed(combination: Combination): Combination {
  const canary = combination.canary === true && combination.auth === 'none';
  const sources = combination.drops === true ? (combination.sources ?? '') : '';
  return { ...combination, canary, sources };
}
