import { csvHeader, csvLine } from '../../client/csv.ts';
import { labelText, percentText } from '../../client/format.ts';
import type { Options } from './options.ts';
import type { FileResult } from './result.ts';

/** Writes results as they come, in one piece when put together. */
export interface Formatter {
  readonly start: string;
  readonly result: (result: FileResult, isFirst: boolean) => string;
  readonly end: string;
}

export function createFormatter({ format, top }: Options, files: readonly string[]): Formatter {
  if (format === 'json') return json;
  return format === 'csv' ? csv(top) : table(files);
}

const json: Formatter = {
  start: '[',
  result: (result, isFirst) => `${isFirst ? '' : ','}\n${JSON.stringify(result)}`,
  end: '\n]\n',
};

/** Files without labels have a row without any: why is told on standard error. */
function csv(top: number): Formatter {
  return {
    start: csvHeader(top),
    result({ file, labels = [] }) {
      const fields = Array.from({ length: top }, (_, at) => [
        labels[at]?.label ?? '',
        `${labels[at]?.score ?? ''}`,
      ]);
      return csvLine([file, ...fields.flat()]);
    },
    end: '',
  };
}

function table(files: readonly string[]): Formatter {
  const width = Math.min(48, Math.max(0, ...files.map((file) => file.length)));
  return {
    start: '',
    result({ file, labels, error }) {
      const cells = labels?.map(
        ({ label, score }) => `${percentText(score).padStart(6)} ${labelText(label).padEnd(24)}`,
      );
      return `${shorten(file, width).padEnd(width)}  ${cells?.join(' ').trimEnd() ?? `${error?.code}: ${error?.detail}`}\n`;
    },
    end: '',
  };
}

/** The end of a path says more than its start. */
function shorten(path: string, width: number): string {
  return path.length <= width ? path : `…${path.slice(path.length - width + 1)}`;
}
