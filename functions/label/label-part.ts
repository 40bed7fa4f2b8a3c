import type { LabelDocument } from '../shared/label-document.ts';
import type { DroppedObject } from './dropped-objects.ts';
import { describeObject, findLabels } from './label-object.ts';
import type { LabelPorts } from './ports.ts';
import { objectsOf, type RunPart, splitPart } from './run-part.ts';

/**
 * Classifies the objects of a run's part and writes their labels as one file. Another delivery of the part overwrites that file, so that no
 * object stands in the results twice. A part that takes longer than the function has is split for good, and its halves are sent.
 * @param hasTime tells whether another image may be begun.
 * @throws {Error} what is no fault of an object, for the queue to deliver the part again.
 */
export async function labelPart(part: RunPart, hasTime: () => boolean, ports: LabelPorts): Promise<void> {
  if (await ports.runs.isSplit(part)) return sendHalves(part, ports);
  const documents: LabelDocument[] = [];
  const objects = objectsOf(part);
  // The next object is read while this one is classified.
  let reading = objects[0] && ports.drops.read(objects[0]);
  for (const [index, object] of objects.entries()) {
    const read = await reading;
    const next = objects[index + 1];
    reading = next && ports.drops.read(next);
    reading?.catch(() => {});
    if (read !== undefined) documents.push(await toDocument(object, read, ports));
    if (next !== undefined && !hasTime()) {
      if (objects.length > 1) await ports.runs.markSplit(part);
      return sendHalves(part, ports);
    }
  }
  await ports.runs.write(part, documents);
}

/** Writes why the objects of a part have no labels, after the last delivery. */
export async function failPart(
  part: RunPart,
  error: NonNullable<LabelDocument['error']>,
  ports: Pick<LabelPorts, 'runs'>,
): Promise<void> {
  if (await ports.runs.isSplit(part)) return;
  const labelledAt = new Date().toISOString();
  const documents = objectsOf(part).map((object) => ({ object: describeObject(object), labelledAt, error }));
  await ports.runs.write(part, documents);
}

type Read = Awaited<ReturnType<LabelPorts['drops']['read']>>;

/** An object that is gone stands in the results too: every object that was listed has a line. */
async function toDocument(object: DroppedObject, read: Read, ports: LabelPorts): Promise<LabelDocument> {
  const findings =
    'gone' in read
      ? { error: { code: `object_${read.gone}`, detail: `The object was ${read.gone} before it was read.` } }
      : await findLabels(read, ports);
  return { object: describeObject(object), labelledAt: new Date().toISOString(), ...findings };
}

async function sendHalves(part: RunPart, { runs }: LabelPorts): Promise<void> {
  for (const half of splitPart(part)) await runs.send(half);
}
