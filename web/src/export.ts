import type { Model } from '../../client/client.ts';
import { csvHeader, csvLine } from '../../client/csv.ts';
import { wayOf } from '../../client/submit.ts';
import type { Picture } from './picture.ts';
import type { Scored } from './store.ts';

/** A picture's row in an export: its labels, or why it has none. */
export interface Row {
  readonly file: string;
  readonly labels: readonly Scored[];
  readonly error?: { readonly code: string; readonly detail: string };
}

/** One row for each picture, those that failed or are still under way included. */
export function toRow({ name, phase }: Pick<Picture, 'name' | 'phase'>): Row {
  if (phase.kind === 'labelled')
    return { file: name, labels: phase.labels.map(({ label, score }) => ({ label, score })) };
  const error =
    phase.kind === 'failed'
      ? { code: phase.failure.code, detail: phase.failure.message }
      : { code: 'not_finished', detail: 'It was not classified yet when this was exported.' };
  return { file: name, labels: [], error };
}

export function toCsv(rows: readonly Row[]): string {
  const most = rows.reduce((found, { labels }) => Math.max(found, labels.length), 0);
  const lines = rows.map(({ file, labels, error }) => {
    const blanks = Array<string>((most - labels.length) * 2).fill('');
    const scores = labels.flatMap(({ label, score }) => [label, `${score}`]);
    return csvLine([file, ...scores, ...blanks, error ? `${error.code}: ${error.detail}` : '']);
  });
  return [csvHeader(most), ...lines].join('');
}

export function toJson(rows: readonly Row[]): string {
  return JSON.stringify(rows, null, 2);
}

/** The name of an export; it says when some pictures are not finished. */
export function exportName(rows: readonly Row[], extension: string): string {
  const ended = rows.filter(({ error }) => error?.code !== 'not_finished').length;
  return ended === rows.length ? `labels.${extension}` : `labels-${ended}-of-${rows.length}.${extension}`;
}

/** The command that does for this file what the page did. */
export function curlCommand(
  { name, bytes, model }: Pick<Picture, 'name' | 'bytes' | 'model'>,
  baseUrl: string,
  limits: Model['limits'],
): string {
  if (wayOf(bytes, limits) === 'inline') {
    const url = model === undefined ? `${baseUrl}predict` : quote(`${baseUrl}predict?model=${model}`);
    return `curl -F ${quote(`file=@${curlPath(name)}`)} ${url}`;
  }
  const request = JSON.stringify({ contentType: 'image/jpeg', model });
  return [
    `form=$(curl -s --json '${request}' ${baseUrl}uploads)`,
    `eval curl -s $(jq -r '.upload | (.fields | to_entries[] | "-F", (.key + "=" + .value | @sh)), "-F", ${jqText(`file=@${curlPath(name)}`)}, (.url | @sh)' <<<"$form")`,
    `curl -s "${baseUrl}$(jq -r .statusUrl <<<"$form")?wait=20"`,
  ].join('\n');
}

/** curl takes commas and semicolons in a file name as its own unless the name is quoted. */
function curlPath(file: string): string {
  return /[,;"\\]/.test(file) ? `"${file.replaceAll(/["\\]/g, '\\$&')}"` : file;
}

function jqText(text: string): string {
  return `(${JSON.stringify(text).replaceAll("'", "'\\''")} | @sh)`;
}

function quote(text: string): string {
  return /^[\w@=./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
