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

export function createFormatter({ format, top }: Pick<Options, 'format' | 'top'>): Formatter {
  if (format === 'json') return json;
  if (format === 'jsonl') return jsonLines;
  return format === 'csv' ? csv(top) : table;
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

function csv(top: number): Formatter {
  return {
    start: csvHeader(top),
    result({ file, labels = [], error }) {
      const fields = Array.from({ length: top }, (_, at) => [
        labels[at]?.label ?? '',
        `${labels[at]?.score ?? ''}`,
      ]);
      return csvLine([file, ...fields.flat(), error === undefined ? '' : `${error.code}: ${error.detail}`]);
    },
    end: '',
  };
}

const nameWidth = 40;

const table: Formatter = {
  start: '',
  result({ file, labels, error }) {
    const cells = labels?.map(
      ({ label, score }) => `${percentText(score).padStart(6)} ${labelText(label).padEnd(24)}`,
    );
    const text =
      error === undefined
        ? cells?.join(' ') || '(no label above --min-score)'
        : `${error.code}: ${error.detail}`;
    return `${shorten(file).padEnd(nameWidth)}  ${text.trimEnd()}\n`;
  },
  end: '',
};

/** The end of a path says more than its start. */
function shorten(path: string): string {
  return path.length <= nameWidth ? path : `…${path.slice(path.length - nameWidth + 1)}`;
}
