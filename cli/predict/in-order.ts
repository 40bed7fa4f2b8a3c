/**
 * Runs `work` on each item, at most `size` at once, and yields the results in the order of the items. Where `signal` aborts, no further
 * item is begun, and what is under way still comes out.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  { size, signal }: { readonly size: number; readonly signal?: AbortSignal },
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  for await (const item of items) {
    if (signal?.aborted) break;
    const result = work(item);
    // Awaited in its turn; until then its rejection counts as handled.
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
