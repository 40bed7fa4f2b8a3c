/** The parts of a stream of UTF-8 that end in `separator`; what follows the last one comes too, unless it is empty. */
export async function* splitStream(
  input: AsyncIterable<Uint8Array>,
  separator: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(separator);
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest) yield rest;
}
