/** The value below which the share `at` of the values lies, by the nearest rank. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(at * sorted.length) - 1))];
  if (value === undefined) throw new RangeError('No values to take a quantile of.');
  return value;
}

/** The middle value; between two, their mean. */
export function median(values: readonly number[]): number {
  const half = Math.ceil(values.length / 2) / Math.max(1, values.length);
  const lower = quantile(values, half);
  return values.length % 2 === 1 ? lower : (lower + quantile(values, half + 1 / values.length)) / 2;
}
