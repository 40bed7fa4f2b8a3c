/** A short name is near to too many others: one letter of it may be wrong, two of a longer one. */
const longLength = 6;

/** The name that a misspelt one was meant to be, if one is so near that it is worth saying. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const most = given.length > longLength ? 2 : 1;
  const [best] = names
    .map((name) => ({ name, edits: editDistance(given, name) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits);
  return best?.name;
}

/** How many letters have to be put in, left out, replaced or swapped with the next (optimal string alignment distance). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (up: number, left: number) => rows[i - up]?.[j - left] ?? 0;
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edits = Math.min(at(1, 0) + 1, (row[j - 1] ?? 0) + 1, at(1, 1) + (isSame ? 0 : 1));
      row.push(isSwapped && i > 1 && j > 1 ? Math.min(edits, at(2, 2) + 1) : edits);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
