import type { Label } from '../../client/client.ts';
import { csvHeader, csvLine } from '../../client/csv.ts';
import { labelText, percentText } from '../../client/format.ts';
import type { Options } from './options.ts';
import type { FileResult } from './result.ts';

/** Writes results as they come. The pieces, put together, are a whole document at any time that `end` is written. */
export interface Formatter {
  readonly start: string;
  readonly result: (result: FileResult, isFirst: boolean) => string;
  readonly end: string;
}

/** @param models what they are called by, where several are asked. */
export function createFormatter(
  { format, top }: Pick<Options, 'format' | 'top'>,
  models?: readonly string[],
): Formatter {
  if (format === 'json') return json;
  if (format === 'jsonl') return jsonLines;
  return format === 'csv' ? csv(top, models) : table;
}

/** One record on each line, so that a file that was cut off can be read up to its last whole line. */
const json: Formatter = {
  start: '[',
  result: (result, isFirst) => `${isFirst ? '' : ','}\n${JSON.stringify(result)}`,
  end: '\n]\n',
};

const jsonLines: Formatter = {
  start: '',
  result: (result) => `${JSON.stringify(result)}\n`,
  end: '',
};

function csv(top: number, models: readonly string[] | undefined): Formatter {
  return {
    start: csvHeader(top, models),
    result({ file, labels = [], results = {}, error }) {
      const lists = models?.map((model) => results[model] ?? []) ?? [labels];
      const fields = lists.flatMap((list) => csvFields(list, top));
      return csvLine([file, ...fields, error === undefined ? '' : `${error.code}: ${error.detail}`]);
    },
    end: '',
  };
}

function csvFields(labels: readonly Label[], top: number): string[] {
  return Array.from({ length: top }, (_, at) => [
    labels[at]?.label ?? '',
    `${labels[at]?.score ?? ''}`,
  ]).flat();
}

const nameWidth = 40;

const table: Formatter = {
  start: '',
  result({ file, labels = [], results, error }) {
    if (error !== undefined) return tableLine(file, `${error.code}: ${error.detail}`);
    if (results === undefined) return tableLine(file, labelCells(labels));
    const lines = Object.entries(results).map(([model, list]) => tableLine(`  ${model}`, labelCells(list)));
    return [tableLine(file, ''), ...lines].join('');
  },
  end: '',
};

function labelCells(labels: readonly Label[]): string {
  const cells = labels.map(
    ({ label, score }) => `${percentText(score).padStart(6)} ${labelText(label).padEnd(24)}`,
  );
  return cells.join(' ') || '(no label above --min-score)';
}

function tableLine(name: string, text: string): string {
  return `${`${shorten(name).padEnd(nameWidth)}  ${text}`.trimEnd()}\n`;
}

/** The end of a path says more than its start. */
function shorten(path: string): string {
  return path.length <= nameWidth ? path : `…${path.slice(path.length - nameWidth + 1)}`;
}
