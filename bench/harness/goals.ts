import type { ContenderName } from './contenders.ts';
import type { PipelineRun, Results } from './results.ts';
import { median } from './statistics.ts';

type Rounds = NonNullable<Results['rounds'][ContenderName]>;
export type Metric = (round: Rounds[number]) => number | undefined;

/** A goal of the project, and what was measured. `value` is undefined where it was not measured. */
export interface Goal {
  readonly name: string;
  readonly value: number | undefined;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export function isReached({ value = Number.NaN, atLeast = -Infinity, atMost = Infinity }: Goal): boolean {
  return value >= atLeast && value <= atMost;
}

/** Our figure divided by the peer's, round by round. */
export function ratios(rounds: Results['rounds'], peer: ContenderName, pick: Metric): number[] {
  return (rounds.ours ?? []).flatMap((round, index) => {
    const other = rounds[peer]?.[index];
    const [ownValue, peerValue] = [pick(round), other && pick(other)];
    return ownValue === undefined || peerValue === undefined ? [] : [ownValue / peerValue];
  });
}

/**
 * Our figure of each round divided by peer 2's best of any round with any of its settings. No setting is best for everything, and with
 * two processes it depends on luck how the connections are shared between them.
 */
function ratiosToBest(rounds: Results['rounds'], pick: Metric, best: typeof Math.max): number[] {
  const values = [...valuesOf(rounds.onnxruntime, pick), ...valuesOf(rounds.onnxruntimeEight, pick)];
  return values.length === 0 ? [] : valuesOf(rounds.ours, pick).map((own) => own / best(...values));
}

/** One figure of each round that has it. */
export function valuesOf(rounds: Rounds | undefined, pick: Metric): number[] {
  return (rounds ?? []).map(pick).filter((value) => value !== undefined);
}

export function goals(results: Results): Goal[] {
  const { rounds } = results;
  const against = (name: string, peer: ContenderName, pick: Metric) => ({
    name: `${name}, ours divided by ${peer}`,
    value: middle(ratios(rounds, peer, pick)),
    unit: ' ×',
  });
  const againstBest = (name: string, pick: Metric, best: typeof Math.max) => ({
    name: `${name}, ours divided by the best of onnxruntime`,
    value: middle(ratiosToBest(rounds, pick, best)),
    unit: ' ×',
  });
  const perSecond: Metric = ({ eight }) => eight.perSecond;
  return [
    { ...againstBest('requests per second at 8 connections', perSecond, Math.max), atLeast: 1.25 },
    { ...against('requests per second at 8 connections', 'transformers', perSecond), atLeast: 2.5 },
    { ...against('requests per second at 8 connections', 'keras', perSecond), atLeast: 8 },
    { ...againstBest('p50 at 1 connection', ({ one }) => one.p50, Math.min), atMost: 1 },
    { ...againstBest('p99 at 8 connections', ({ eight }) => eight.p99, Math.min), atMost: 1 },
    { ...againstBest('start to first right answer', ({ start }) => start, Math.min), atMost: 1 },
    { ...against('start to first right answer', 'keras', ({ start }) => start), atMost: 0.15 },
    { ...againstBest('12-megapixel JPEG, p50', ({ large }) => large?.p50, Math.min), atMost: 0.35 },
    {
      name: '12-megapixel JPEG, difference of the score',
      value: largeDifference(results),
      unit: '',
      atMost: 0.01,
    },
    ...memoryGoals(results),
    ...overheadGoals(results),
  ];
}

function largeDifference({ rounds, largeReference }: Results): number | undefined {
  const large = rounds.ours?.at(-1)?.large;
  if (large === undefined || largeReference === undefined) return undefined;
  return large.label === largeReference.label ? Math.abs(large.score - largeReference.score) : 1;
}

function memoryGoals({ memory }: Results): Goal[] {
  const [first, last] = [memory.ours?.[0]?.megabytes, memory.ours?.at(-1)?.megabytes];
  const keras = memory.keras?.at(-1)?.megabytes;
  const growth = first === undefined || last === undefined ? undefined : 100 * (last / first - 1);
  const ratio = last === undefined || keras === undefined ? undefined : last / keras;
  return [
    { name: 'memory after 5,000 images', value: last, unit: ' MB', atMost: 450 },
    { name: 'memory after 5,000 images, ours divided by keras', value: ratio, unit: ' ×', atMost: 0.6 },
    { name: 'memory growth from image 1,000 to 5,000', value: growth, unit: ' %', atMost: 5 },
  ];
}

/** What HTTP, storage and the queue add to the pipeline alone, in milliseconds and in percent of its rate. */
export function overheads({ rounds, pipeline }: Results) {
  const { alone, rate } = pipelineFloor(pipeline);
  const ours = rounds.ours ?? [];
  return {
    one: alone === undefined ? [] : ours.map(({ one }) => one.p50 - alone),
    eight: rate === undefined ? [] : ours.map(({ eight }) => 100 * (1 - eight.perSecond / rate)),
  };
}

/** The pipeline's least time for one image with the best number of threads, and its greatest rate. */
export function pipelineFloor(pipeline: readonly PipelineRun[]) {
  const shapes = Object.values(
    Object.groupBy(pipeline, ({ processes, threads }) => `${processes}/${threads}`),
  );
  const medians = (pick: (run: PipelineRun) => number) =>
    shapes.map((runs) => median((runs ?? []).map(pick)));
  if (shapes.length === 0) return { alone: undefined, rate: undefined };
  return {
    alone: Math.min(...medians(({ p50 }) => p50)),
    rate: Math.max(...medians((run) => run.perSecond)),
  };
}

function overheadGoals(results: Results): Goal[] {
  const { one, eight } = overheads(results);
  const { rate } = pipelineFloor(results.pipeline);
  const queue = rate === undefined ? [] : results.queue.map(({ perSecond }) => (100 * perSecond) / rate);
  return [
    { name: 'time added to the pipeline at 1 connection', value: middle(one), unit: ' ms', atMost: 3 },
    {
      name: 'rate lost against the pipeline at 8 connections',
      value: middle(eight),
      unit: ' %',
      atMost: 15,
    },
    { name: "rate of the queue against the pipeline's", value: middle(queue), unit: ' %', atLeast: 85 },
  ];
}

function middle(values: readonly number[]): number | undefined {
  return values.length > 0 ? median(values) : undefined;
}
