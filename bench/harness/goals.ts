import { median } from '../../infra/scaling/statistics.ts';
import { coreCounts } from '../parts/own.ts';
import { describe, round, table } from './format.ts';
import { type Results, valuesOf } from './results.ts';

type Goal = readonly [
  what: string,
  figure: string,
  unit: string,
  sign: '≥' | '≤',
  limit: number,
  best?: number,
];

/** Figures beside FastAPI's, and the limits for our median divided by its median, and by its best round. */
const comparisons: readonly Goal[] = [
  ['requests per second, 8 connections', 'rate@8', '', '≥', 1.25, 1],
  ['requests per second, 2 connections', 'rate@2', '', '≥', 1],
  ['requests per second, 32 connections', 'rate@32', '', '≥', 1],
  ['requests per second, 128 connections', 'rate@128', '', '≥', 1],
  ['p50, 1 connection', 'p50@1', ' ms', '≤', 1],
  ['p99, 1 connection', 'p99@1', ' ms', '≤', 1],
  ['processor time a request, 8 connections', 'processor@8', ' ms', '≤', 1],
  ['12-megapixel JPEG, exact, p50', 'large', ' ms', '≤', 0.45],
  ['start to first right answer', 'start', ' ms', '≤', 0.5],
  ['memory after 5,000 images', 'memory 5/5', ' MB', '≤', 1],
];

const meets = (sign: Goal[3], value: number, limit: number) =>
  sign === '≥' ? value >= limit : value <= limit;
const yesOrNo = (isReached: boolean) => (isReached ? 'yes' : 'no');

/** Of FastAPI's settings the one with the best median counts for each figure; its best round is that of any setting. */
export function comparisonTable(results: Results): string {
  const rows = comparisons.flatMap(([what, figure, unit, sign, limit, bestLimit]) => {
    const best = sign === '≥' ? Math.max : Math.min;
    const settings = ['fastapiOne', 'fastapiEight', 'fastapiPool'].map((name) =>
      valuesOf(results, name, figure),
    );
    const [own, peer] = [valuesOf(results, 'ours', figure), settings.filter(({ length }) => length > 0)];
    if (own.length === 0 || peer.length === 0) return [];
    const values = [median(own), best(...peer.map(median)), best(...peer.flat())] as const;
    const [ratio, bestRatio] = [values[0] / values[1], values[0] / values[2]];
    const isReached = meets(sign, ratio, limit) && meets(sign, bestRatio, bestLimit ?? bestRatio);
    const goal = `${sign} ${limit}${bestLimit === undefined ? '' : `; best ${sign} ${bestLimit}`}`;
    const ratios = [ratio, bestRatio].map((value) => `${value.toFixed(2)} ×`);
    return [[what, ...values.map((value) => `${round(value)}${unit}`), ...ratios, goal, yesOrNo(isReached)]];
  });
  const head = ['what', 'label-on-upload', 'FastAPI, median', 'its best round'];
  return table([...head, 'ratio of medians', 'ratio to its best', 'goal', 'reached'], rows);
}

type OwnGoal = readonly [what: string, seen: readonly number[], unit: string, sign: '≥' | '≤', limit: number];

/** Goals for our own figures beside the pipeline alone, and for more cores. */
export function ownTable(results: Results): string {
  const pipeline = (shape: string, figure: string) => {
    const values = valuesOf(results, `pipeline ${shape}`, figure);
    return values.length > 0 ? median(values) : Number.NaN;
  };
  const [alone, rate] = [
    Math.min(pipeline('1 × 1', 'p50'), pipeline('1 × 2', 'p50')),
    pipeline('2 × 1', 'rate'),
  ];
  const ours = (figure: string, of: (value: number) => number) => valuesOf(results, 'ours', figure).map(of);
  const linear = (cores: number) => {
    const of = (count: number) =>
      results.rounds.map(({ ours: own }) => own?.[`cores ${count}`] ?? Number.NaN);
    const one = of(1);
    return of(cores).map((value, index) => value / (one[index] ?? Number.NaN) / cores);
  };
  const [cost, share] = ['own cost over decode, resize and network', (value: number) => (100 * value) / rate];
  const goals: readonly OwnGoal[] = [
    [`${cost}, 1 connection`, ours('p50@1', (value) => value - alone), ' ms', '≤', 1.5],
    [`${cost}, 8 connections`, ours('rate@8', (value) => 100 - share(value)), ' %', '≤', 12],
    ['rate of 1,000 presigned uploads, of the pipeline’s', ours('form rate', share), ' %', '≥', 85],
    ...coreCounts
      .slice(1)
      .map((cores): OwnGoal => [`8 connections on ${cores} cores, of linear`, linear(cores), ' ×', '≥', 0.9]),
  ];
  const rows = goals
    .map(([what, seen, ...goal]) => [what, seen.filter(Number.isFinite), ...goal] as const)
    .filter(([, seen]) => seen.length > 0)
    .map(([what, seen, unit, sign, limit]) => {
      const reached = yesOrNo(meets(sign, median(seen), limit));
      return [what, describe(seen, unit), `${sign} ${limit}${unit}`, reached];
    });
  return table(['what', 'label-on-upload', 'goal', 'reached'], rows);
}
