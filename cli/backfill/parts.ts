import { type RunPart, runPart } from '../../functions/label/run-part.ts';
import type { ListedObject } from './listing.ts';

/** Of one part: enough that writing its file costs little, and few enough that usual images fit a function's time. */
const mostObjects = 50;
const mostImageBytes = 100 * 2 ** 20;
/** A message may have 256 KiB; keys of a kilobyte fill it first. */
const mostMessageBytes = 24 * 1024;

/** Puts listed objects into numbered parts, in order. */
export async function* packParts(
  objects: AsyncIterable<ListedObject>,
  { run, bucket, firstPart }: { readonly run: string; readonly bucket: string; readonly firstPart: number },
): AsyncGenerator<RunPart> {
  let number = firstPart;
  let packed: ListedObject[] = [];
  let [bytes, messageBytes] = [0, 0];
  const take = (): RunPart => {
    const part = { run, part: String(number++).padStart(6, '0'), bucket, objects: packed };
    [packed, bytes, messageBytes] = [[], 0, 0];
    return runPart.parse(part);
  };
  for await (const object of objects) {
    const size = Buffer.byteLength(JSON.stringify(object)) + 1;
    const isFull =
      packed.length === mostObjects ||
      bytes + object.size > mostImageBytes ||
      messageBytes + size > mostMessageBytes;
    if (packed.length > 0 && isFull) yield take();
    packed.push(object);
    bytes += object.size;
    messageBytes += size;
  }
  if (packed.length > 0) yield take();
}
