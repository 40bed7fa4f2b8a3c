/** Runs `work` on each item, at most `size` at once, and yields the results in the order of the items. */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  size: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    // Awaited in its turn; until then its failure is nobody's surprise.
    result.catch(() => {});
    underWay.push(result);
    if (underWay.length >= size) yield* next(underWay);
  }
  while (underWay.length > 0) yield* next(underWay);
}

async function* next<Result>(underWay: Promise<Result>[]): AsyncGenerator<Result> {
  const first = underWay.shift();
  if (first !== undefined) yield await first;
}
