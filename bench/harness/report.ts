import { kills } from '../parts/losses.ts';
import { pipelineShapes } from '../parts/pipeline.ts';
import { allLoads, type Contender, contenders } from './contenders.ts';
import { describe, round, table } from './format.ts';
import { comparisonTable, ownTable } from './goals.ts';
import { joinParts, type reportParts } from './places.ts';
import { type Results, valuesOf } from './results.ts';

/** A line of a table: figure, its name, unit. */
type Line = readonly [figure: string, name: string, unit: string];

const rates = allLoads.map(
  (load): Line => [`rate@${load}`, `requests per second, ${load} connection${load === 1 ? '' : 's'}`, ''],
);
const lines: Readonly<Record<'rounds' | 'pipeline' | 'queue' | 'memory' | 'search', readonly Line[]>> = {
  rounds: [
    ...rates,
    ['p50@1', 'p50, 1 connection', ' ms'],
    ['p99@1', 'p99, 1 connection', ' ms'],
    ['p50@8', 'p50, 8 connections', ' ms'],
    ['p99@8', 'p99, 8 connections', ' ms'],
    ['processor@8', 'processor time a request, 8 connections', ' ms'],
    ['start', 'process start to first right answer', ' ms'],
    ['large', '12-megapixel JPEG, p50', ' ms'],
    ['largeScore', 'score of its best class', ''],
    ['memory', 'memory after the round (summed PSS)', ' MB'],
    ['agreed', "photos with Keras' best class", ''],
    ['others: rounds', 'share of a core taken by others', ''],
    ['wrk@8', "wrk's share of a core, 8 connections", ''],
  ],
  pipeline: [
    ['rate', 'images per second', ''],
    ['p50', 'p50', ' ms'],
    ['decode', 'decode', ' ms'],
    ['resize', 'resize', ' ms'],
    ['network', 'network', ' ms'],
    ['processor', 'processor time', ' ms'],
  ],
  queue: [
    ['queue rate', 'images per second', ''],
    ['queue p50', 'submit to result, p50', ' ms'],
    ['queue p99', 'submit to result, p99', ' ms'],
    ['queue memory', 'memory (summed PSS)', ' MB'],
    ['form rate', 'images per second by presigned form', ''],
  ],
  memory: [
    ['memory 1/5', '1,000', ' MB'],
    ['memory 5/5', '5,000', ' MB'],
  ],
  search: [...rates, ['p50@1', 'p50, 1 connection', ' ms'], ['p99@8', 'p99, 8 connections', ' ms']],
};

/** All tables as Markdown. */
export function report(results: Results): string {
  return joinParts(partsOf(results));
}

const ours = Object.keys(contenders);
const pipelines = pipelineShapes.map(({ name }) => name);

/** Each table or line under its name; empty where it was not measured. */
export function partsOf(results: Results): Record<(typeof reportParts)[number], string> {
  const versions = Object.entries(results.machine).map(([name, value]) => `${name} ${value}`);
  const rounds = valuesOf(results, 'ours', 'rate@8').length;
  const head = 'median (least–greatest)';
  return {
    machine: `${rounds} interleaved rounds, ${results.seconds} s for each load. ${versions.join(', ')}.`,
    goals: joinParts({ compared: comparisonTable(results), own: ownTable(results) }),
    rounds: figureTable(results, head, lines.rounds),
    pipeline: figureTable(results, 'processes × threads', lines.pipeline, pipelines),
    queue: figureTable(results, head, lines.queue),
    losses: lossTable(results),
    memory: figureTable(results, 'memory after images', lines.memory),
  };
}

/** What a search found, a row for each setting. */
export function searchTable(results: Results): string {
  const wanted = [...lines.search, ...lines.queue].filter(([figure]) =>
    Object.values(results.rounds[0] ?? {}).some((figures) => figure in figures),
  );
  const rows = Object.keys(results.rounds[0] ?? {}).map((name) => [
    name,
    ...wanted.map(([figure, , unit]) => describe(valuesOf(results, name, figure), unit)),
  ]);
  return table(['settings', ...wanted.map(([, name]) => name)], rows);
}

/** A column for each name that has one of the figures, a row for each figure that one of the names has. */
function figureTable(results: Results, head: string, wanted: readonly Line[], names = ours): string {
  const cells = (name: string) =>
    wanted.map(([figure, , unit]) => describe(valuesOf(results, name, figure), unit));
  const columns = names
    .map((name) => ({ name, cells: cells(name) }))
    .filter((column) => column.cells.some((cell) => cell !== '–'));
  const rows = wanted
    .map(([, name], index) => [name, ...columns.map((column) => column.cells[index] ?? '–')])
    .filter(([, ...row]) => row.some((cell) => cell !== '–'));
  const titles = new Map(Object.entries<Contender>(contenders).map(([name, { title }]) => [name, title]));
  return table([head, ...columns.map(({ name }) => titles.get(name) ?? name)], rows);
}

function lossTable(results: Results): string {
  const rows = kills.flatMap(([contender, name]) => {
    const of = (figure: string) => valuesOf(results, contender, `${figure}: ${name}`);
    const cells = ['accepted', 'lost', 'seconds'].map((figure) => of(figure).map(round).join(', '));
    return of('lost').length === 0 ? [] : [[contenders[contender].title, name, ...cells]];
  });
  const last = 'seconds from the kill to the last result';
  return table(['service', 'killed', 'photos accepted', 'lost', last], rows);
}
