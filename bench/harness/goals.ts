import { median } from '../../infra/scaling/statistics.ts';
import { coreCounts } from '../parts/own.ts';
import { describe, round, table } from './format.ts';
import { type Results, valuesOf } from './results.ts';

type Comparison = readonly [what: string, figure: string, unit: string, sign: '≥' | '≤', limit: number];

/** Figures beside FastAPI's, and the limit for our median divided by its median. */
const comparisons: readonly Comparison[] = [
  ['requests per second, 8 connections', 'rate@8', '', '≥', 1.25],
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

/** The one figure whose limit holds beside the peer's best round too. */
const besideBest: { readonly figure: string; readonly limit: number } = { figure: 'rate@8', limit: 1 };

const meets = (sign: Comparison[3], value: number, limit: number) =>
  sign === '≥' ? value >= limit : value <= limit;
const yesOrNo = (isReached: boolean) => (isReached ? 'yes' : 'no');

/** Of FastAPI's settings the one with the best median counts for each figure; its best round is that of any setting. */
export function comparisonTable(results: Results): string {
  const rows = comparisons.flatMap(([what, figure, unit, sign, limit]) => {
    const best = sign === '≥' ? Math.max : Math.min;
    const settings = ['fastapiOne', 'fastapiEight'].map((name) => valuesOf(results, name, figure));
    const [own, peer] = [valuesOf(results, 'ours', figure), settings.filter(({ length }) => length > 0)];
    if (own.length === 0 || peer.length === 0) return [];
    const values = [median(own), best(...peer.map(median)), best(...peer.flat())] as const;
    const [ratio, bestRatio] = [values[0] / values[1], values[0] / values[2]];
    const withBest = figure === besideBest.figure;
    const isReached = meets(sign, ratio, limit) && (!withBest || meets(sign, bestRatio, besideBest.limit));
    const goal = `${sign} ${limit}${withBest ? `; best ${sign} ${besideBest.limit}` : ''}`;
    const ratios = [ratio, bestRatio].map((value) => `${value.toFixed(2)} ×`);
    return [[what, ...values.map((value) => `${round(value)}${unit}`), ...ratios, goal, yesOrNo(isReached)]];
  });
  const head = ['what', 'label-on-upload', 'FastAPI, median', 'its best round'];
  return table([...head, 'ratio of medians', 'ratio to its best', 'goal', 'reached'], rows);
}

type OwnGoal = readonly [
  what: string,
  values: readonly number[],
  unit: string,
  sign: '≥' | '≤',
  limit: number,
];

/** Goals for our own figures beside the pipeline alone, and for more cores. */
export function ownTable(results: Results): string {
  const pipeline = (shape: string, figure: string) => valuesOf(results, `pipeline ${shape}`, figure);
  const alone = Math.min(
    ...['1 × 1', '1 × 2']
      .map((shape) => pipeline(shape, 'p50'))
      .filter(({ length }) => length > 0)
      .map(median),
  );
  const rate = pipeline('2 × 1', 'rate').length > 0 ? median(pipeline('2 × 1', 'rate')) : Number.NaN;
  const ours = (figure: string, of: (value: number) => number) => valuesOf(results, 'ours', figure).map(of);
  const linear = (cores: number) =>
    results.rounds.map(
      ({ ours: figures }) =>
        (figures?.[`cores ${cores}`] ?? Number.NaN) / (figures?.['cores 1'] ?? Number.NaN) / cores,
    );
  const own = 'own cost over decode, resize and network';
  const goals: readonly OwnGoal[] = [
    [`${own}, 1 connection`, ours('p50@1', (value) => value - alone), ' ms', '≤', 1.5],
    [`${own}, 8 connections`, ours('rate@8', (value) => 100 * (1 - value / rate)), ' %', '≤', 12],
    [
      'rate of 1,000 presigned uploads, of the pipeline’s',
      ours('form rate', (value) => (100 * value) / rate),
      ' %',
      '≥',
      85,
    ],
    ...coreCounts
      .slice(1)
      .map(
        (cores): OwnGoal => [
          `8 connections, ${cores} workers on ${cores} cores, of linear`,
          linear(cores),
          ' ×',
          '≥',
          0.9,
        ],
      ),
  ];
  const rows = goals.flatMap(([what, values, unit, sign, limit]) => {
    const seen = values.filter(Number.isFinite);
    if (seen.length === 0) return [];
    return [
      [what, describe(seen, unit), `${sign} ${limit}${unit}`, yesOrNo(meets(sign, median(seen), limit))],
    ];
  });
  return table(['what', 'label-on-upload', 'goal', 'reached'], rows);
}
