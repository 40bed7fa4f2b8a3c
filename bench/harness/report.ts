import { type ContenderName, contenderNames } from './contenders.ts';
import { goals, isReached, type Metric, overheads, pipelineFloor, ratios, valuesOf } from './goals.ts';
import { joinParts, type reportParts } from './places.ts';
import type { PipelineRun, Results } from './results.ts';
import { type Spread, spread } from './statistics.ts';

export const titles: Readonly<Record<ContenderName, string>> = {
  ours: 'label-on-upload',
  onnxruntime: 'FastAPI + ORT, 2 threads',
  onnxruntimeEight: 'FastAPI + ORT, 1 thread',
  transformers: 'transformers.js',
  keras: 'Flask + Keras',
};

/** One line of the table of rounds. */
const figures: readonly { name: string; unit: string; of: Metric }[] = [
  { name: 'requests per second, 8 connections', unit: '', of: ({ eight }) => eight.perSecond },
  { name: 'requests per second, 1 connection', unit: '', of: ({ one }) => one.perSecond },
  { name: 'p50, 1 connection', unit: ' ms', of: ({ one }) => one.p50 },
  { name: 'p99, 1 connection', unit: ' ms', of: ({ one }) => one.p99 },
  { name: 'p50, 8 connections', unit: ' ms', of: ({ eight }) => eight.p50 },
  { name: 'p99, 8 connections', unit: ' ms', of: ({ eight }) => eight.p99 },
  { name: 'process start to first right answer', unit: ' ms', of: ({ start }) => start },
  { name: '12-megapixel JPEG, p50', unit: ' ms', of: ({ large }) => large?.p50 },
  { name: 'memory after the round (summed PSS)', unit: ' MB', of: ({ memory }) => memory },
  { name: "photos with Keras' best class", unit: '', of: ({ agreed }) => agreed },
  { name: 'share of a core taken by others', unit: '', of: ({ others }) => others },
  { name: "wrk's share of a core, 8 connections", unit: '', of: ({ eight }) => eight.generatorShare },
];

/** All tables as Markdown. */
export function report(results: Results): string {
  return joinParts(partsOf(results));
}

/** Each table or line under its name; empty where it was not measured. */
export function partsOf(results: Results): Record<(typeof reportParts)[number], string> {
  const machine = Object.entries(results.machine).map(([name, value]) => `${name} ${value}`);
  return {
    machine: `Machine and versions: ${machine.join(', ')}.`,
    rounds: roundsTable(results),
    ratios: ratiosTable(results),
    pipeline: pipelineTable(results.pipeline),
    overhead: overheadLines(results),
    steps: stepsTable(results),
    memory: memoryTable(results),
    queue: queueLines(results),
    goals: goalsTable(results),
  };
}

function roundsTable({ rounds }: Results): string {
  const seen = contenderNames.filter((name) => rounds[name]?.length);
  if (seen.length === 0) return '';
  const rows = figures.map(({ name, unit, of }) => [
    name,
    ...seen.map((contender) => describe(valuesOf(rounds[contender], of), unit)),
  ]);
  return table(['median (least–greatest)', ...seen.map((name) => titles[name])], rows.filter(hasFigures));
}

/** Our figures divided by each peer's, round by round. */
function ratiosTable({ rounds }: Results): string {
  const peers = contenderNames.filter((name) => name !== 'ours' && rounds[name]?.length);
  if (!rounds.ours?.length || peers.length === 0) return '';
  const rows = figures
    .slice(0, -3)
    .map(({ name, of }) => [name, ...peers.map((peer) => describe(ratios(rounds, peer, of), ' ×'))]);
  return table(['ours divided by', ...peers.map((name) => titles[name])], rows.filter(hasFigures));
}

function hasFigures([, ...cells]: readonly string[]): boolean {
  return cells.some((cell) => cell !== '–');
}

function pipelineTable(runs: readonly PipelineRun[]): string {
  if (runs.length === 0) return '';
  const kinds = Object.values(Object.groupBy(runs, ({ processes, threads }) => `${processes}/${threads}`));
  const rows = kinds.flatMap((kind) => {
    const [first] = kind ?? [];
    if (kind === undefined || first === undefined) return [];
    const of = (pick: (run: PipelineRun) => number) => describe(kind.map(pick), '');
    const name = `${first.processes} × ${first.threads}`;
    const steps = [of(({ decode }) => decode), of(({ resize }) => resize), of(({ network }) => network)];
    return [[name, of(({ perSecond }) => perSecond), of(({ p50 }) => p50), ...steps]];
  });
  return table(
    ['pipeline alone: processes × threads', 'images per second', 'p50 ms', 'decode', 'resize', 'network'],
    rows,
  );
}

function goalsTable(results: Results): string {
  const measured = goals(results).filter(({ value }) => value !== undefined);
  const rows = measured.map((goal) => [
    goal.name,
    goal.atLeast === undefined ? `≤ ${goal.atMost}${goal.unit}` : `≥ ${goal.atLeast}${goal.unit}`,
    describe([goal.value ?? Number.NaN], goal.unit),
    isReached(goal) ? 'yes' : 'no',
  ]);
  return rows.length === 0 ? '' : table(['goal', 'wanted', 'measured', 'reached'], rows);
}

function overheadLines(results: Results): string {
  const { one, eight } = overheads(results);
  const { alone, rate } = pipelineFloor(results.pipeline);
  if (one.length === 0 || alone === undefined || rate === undefined) return '';
  return [
    `HTTP, storage and the queue add ${describe(one, ' ms')} to the pipeline's ${round(alone)} ms at one connection.`,
    `At eight connections they take ${describe(eight, ' %')} of the pipeline's ${round(rate)} images per second.`,
  ].join('\n');
}

/** Where a request's time goes, by our own account. */
function stepsTable({ steps }: Results): string {
  const names = Object.keys(steps[0] ?? {});
  if (names.length === 0) return '';
  const rows = names.map((name) => [
    name,
    describe(
      steps.map((run) => run[name] ?? 0),
      name === 'others' ? ' of a core' : ' ms',
    ),
  ]);
  return table(['a request at one connection', 'median (least–greatest)'], rows);
}

function memoryTable({ memory }: Results): string {
  const seen = contenderNames.filter((name) => memory[name]?.length);
  if (seen.length === 0) return '';
  const marks = memory[seen[0] ?? 'ours']?.map(({ images }) => images) ?? [];
  const rows = marks.map((mark) => [
    String(mark),
    ...seen.map(
      (name) => `${round(memory[name]?.find(({ images }) => images === mark)?.megabytes ?? Number.NaN)} MB`,
    ),
  ]);
  return table(['memory after images', ...seen.map((name) => titles[name])], rows);
}

function queueLines({ queue, pipeline }: Results): string {
  if (queue.length === 0) return '';
  const { rate: full } = pipelineFloor(pipeline);
  const failed = queue.reduce((sum, { uploads, succeeded }) => sum + uploads - succeeded, 0);
  const rates = queue.map(({ perSecond }) => perSecond);
  const shares = full === undefined ? [] : rates.map((rate) => (100 * rate) / full);
  const client = queue.map(({ clientShare }) => 100 * clientShare);
  return [
    `The queue: ${queue[0]?.uploads} uploads by presigned form at ${describe(rates, '')} a second,`,
    `${describe(shares, ' %')} of the pipeline's rate; ${failed} failed. The client took ${describe(client, ' %')} of a core.`,
  ].join(' ');
}

export function describe(seen: readonly number[], unit: string): string {
  if (seen.length === 0) return '–';
  const { median: middle, min, max }: Spread = spread(seen);
  return seen.length === 1
    ? `${round(middle)}${unit}`
    : `${round(middle)}${unit} (${round(min)}–${round(max)})`;
}

/** About three significant digits; a small value keeps two, so that it does not read as nothing. */
export function round(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.1) return String(Number(value.toPrecision(2)));
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
