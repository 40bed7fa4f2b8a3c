import { assumed, classifyCost, classifySum, ways } from './cost.ts';
import { dollarsAMonth, poissonArrivals } from './rates.ts';
import { simulate } from './simulate.ts';
import { quantile } from './statistics.ts';

/** As `cdk.json` has them. */
const [batchSize, memoryMb] = [5, 1769];
/** Milliseconds. Work and waiting for one image as docs/performance.md has them; a start of one second is an assumption. */
const work = { image: 57.1, start: 1000, kept: 5 * 60_000 } as const;

export interface Row {
  /** Images, on average. */
  readonly perSecond: number;
  readonly maxConcurrency: number;
}

export interface TableOptions {
  readonly seed: number;
  readonly minutes: number;
}

const columns = [
  'images a second',
  '`maxConcurrency`',
  'age p50',
  'age p99',
  'oldest',
  'most waiting',
  'waiting at the end',
  'functions',
  'starts',
  'images a batch',
  'dollars a month',
] as const;

export const head = [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`];

/** A line of the table in Markdown. Images come from nothing at the full rate, so that the first functions' starts are part of it. */
export function line({ perSecond, maxConcurrency }: Row, { seed, minutes }: TableOptions): string {
  const arrivals = poissonArrivals(perSecond, minutes * 60, seed);
  const capacity = simulate({ arrivals, batchSize, maxConcurrency, ...work });
  const cells = [
    count(perSecond),
    maxConcurrency,
    ...[0.5, 0.99, 1].map((share) => seconds(quantile(capacity.ages, share))),
    count(capacity.mostWaiting),
    count(capacity.waitingAtLast),
    capacity.mostFunctions,
    capacity.starts,
    (capacity.ages.length / capacity.invocations).toFixed(1),
    `$${count(dollarsAMonth(perSecond, capacity, memoryMb))}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

const classifying = { architecture: assumed.architecture, memoryMb, milliseconds: work.image, batchSize };

/** Dollars for a million images: the sum for classifying, then a table in Markdown for each way in. */
export function costTables(): string[] {
  const classify = classifyCost(classifying);
  const tables = ways({ ...assumed, batchSize }).map(({ name, lines }) => {
    const rows = [...lines, [`Lambda: classify, ${assumed.architecture}, ${memoryMb} MB`, classify] as const];
    const total = rows.reduce((sum, [, dollars]) => sum + dollars, 0);
    const cells = [...rows, ['together', total] as const].map(
      ([part, dollars]) => `| ${part} | $${dollars.toFixed(2)} |`,
    );
    return [`| ${name} | a million images |`, '| --- | --- |', ...cells].join('\n');
  });
  return [`Classifying: ${classifySum(classifying)}`, ...tables];
}
