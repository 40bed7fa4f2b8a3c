import { median } from '../../infra/scaling/statistics.ts';

/** The median, and the least and the greatest where there are several. */
export function describe(seen: readonly number[], unit: string): string {
  if (seen.length === 0) return '–';
  const middle = `${round(median(seen))}${unit}`;
  return seen.length === 1 ? middle : `${middle} (${round(Math.min(...seen))}–${round(Math.max(...seen))})`;
}

/** About three significant digits; a small value keeps two, so that it does not read as nothing. */
export function round(value: number): string {
  if (Number.isInteger(value)) return String(value);
  if (value !== 0 && Math.abs(value) < 0.1) return String(Number(value.toPrecision(2)));
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** A table in Markdown; nothing where it has no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return rows.length === 0 ? '' : [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
