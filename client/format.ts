/** `Labrador_retriever` as people write it. */
export function labelText(label: string): string {
  return label.replaceAll('_', ' ');
}

/** A score from 0 to 1 in percent, with one decimal. */
export function percentText(score: number): string {
  if (score > 0 && score < 0.0005) return '<0.1%';
  return `${(score * 100).toFixed(1)}%`;
}

/** Bytes in the unit that reads best. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1 ? `${Math.round(bytes / 1024)} KiB` : `${trim(mebibytes)} MiB`;
}

/** Seconds in the unit that reads best. */
export function durationText(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const;
  for (const [unit, length] of units) {
    const count = Math.round(seconds / length);
    if (seconds >= length)
      return count === 1 ? `${unit === 'hour' ? 'an' : 'a'} ${unit}` : `${count} ${unit}s`;
  }
  return `${seconds} seconds`;
}

export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function trim(number: number): string {
  return number.toFixed(1).replace(/\.0$/, '');
}
