/** Remembers the `limit` latest results of a function, by a text that stands for what it is given. */
export function keepLatest<Given, Result>(
  limit: number,
  keyOf: (given: Given) => string,
  compute: (given: Given) => Result,
): (given: Given) => Result {
  const kept = new Map<string, Result>();
  return (given) => {
    const key = keyOf(given);
    const value = kept.get(key) ?? compute(given);
    kept.delete(key);
    kept.set(key, value);
    const [oldest] = kept.keys();
    if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
    return value;
  };
}
