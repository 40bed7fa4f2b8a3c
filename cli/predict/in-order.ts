/**
 * Runs `work` on each item, at most `size` at once, and yields the results in the order of the items, each as soon as those before it are
 * out, also while the next item is waited for. Where `signal` aborts, no further item is begun, and what is under way still comes out; items
 * that fail to come are then no error.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  { size, signal }: { readonly size: number; readonly signal?: AbortSignal },
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const underWay: { readonly result: Promise<Result>; readonly settled: Promise<undefined> }[] = [];
  let [coming, isLast]: [Promise<{ item: Item } | 'none'> | undefined, boolean] = [undefined, false];
  while (true) {
    if (signal?.aborted) [coming, isLast] = [undefined, true];
    if (!isLast && underWay.length < size) coming ??= nextOf(source, signal);
    const [first] = underWay;
    if (coming === undefined && first === undefined) return;
    const next = await Promise.race([coming, first?.settled].filter((promise) => promise !== undefined));
    if (signal?.aborted && first === undefined) return;
    if (next === 'none') [coming, isLast] = [undefined, true];
    else if (next !== undefined && !signal?.aborted) {
      const result = work(next.item);
      underWay.push({ result, settled: result.then(toNothing, toNothing) });
      coming = undefined;
    } else if (first !== undefined) {
      underWay.shift();
      yield await first.result;
    }
  }
}

async function nextOf<Item>(
  source: Iterator<Item> | AsyncIterator<Item>,
  signal: AbortSignal | undefined,
): Promise<{ item: Item } | 'none'> {
  try {
    const { done, value } = await source.next();
    return done ? 'none' : { item: value };
  } catch (error) {
    if (signal?.aborted) return 'none';
    throw error;
  }
}

function toNothing(): undefined {
  return undefined;
}
