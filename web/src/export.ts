import type { Model } from '../../client/client.ts';
import { csvHeader, csvLine } from '../../client/csv.ts';
import { wayOf } from '../../client/submit.ts';

export interface Labelled {
  readonly file: string;
  readonly labels: readonly { readonly label: string; readonly score: number }[];
}

/** One row for each picture. */
export function toCsv(rows: readonly Labelled[]): string {
  const most = Math.max(0, ...rows.map(({ labels }) => labels.length));
  const lines = rows.map(({ file, labels }) =>
    csvLine([file, ...labels.flatMap(({ label, score }) => [label, `${score}`]), ...blanks(labels, most)]),
  );
  return [csvHeader(most), ...lines].join('');
}

/** Empty fields for the labels that a row lacks, and for the error that none of these rows has. */
function blanks(labels: Labelled['labels'], most: number): string[] {
  return Array<string>((most - labels.length) * 2 + 1).fill('');
}

/** The command that does for this file what the page did. */
export function curlCommand(file: string, bytes: number, baseUrl: string, limits: Model['limits']): string {
  if (wayOf(bytes, limits) === 'inline')
    return `curl -F ${quote(`file=@${curlPath(file)}`)} ${baseUrl}predict`;
  return [
    `form=$(curl -s --json '{"contentType":"image/jpeg"}' ${baseUrl}uploads)`,
    `eval curl -s $(jq -r '.upload | (.fields | to_entries[] | "-F", (.key + "=" + .value | @sh)), "-F", ${jqText(`file=@${curlPath(file)}`)}, (.url | @sh)' <<<"$form")`,
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

/** Works on plain HTTP too, where browsers have no `navigator.clipboard`. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
