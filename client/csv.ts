/** A line of CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in front and stays text. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

/** The header of a table of results: file, label and score by turns, for each of several models, then why there are none. */
export function csvHeader(top: number, models?: readonly string[]): string {
  const columns = Array.from({ length: top }, (_, at) => [`label_${at + 1}`, `score_${at + 1}`]).flat();
  const named = models?.flatMap((model) => columns.map((column) => `${model}_${column}`));
  return csvLine(['file', ...(named ?? columns), 'error']);
}

function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
