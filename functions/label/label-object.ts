import { imageFileName } from '../../layers/model/formats.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import type { LabelDocument, LabelledObject } from '../shared/label-document.ts';
import { labelsPrefix } from '../shared/object-event.ts';
import { type DroppedObject, isOlder } from './dropped-objects.ts';
import type { LabelPorts, ReadObject, StoredLabels } from './ports.ts';

/** What became of an object. */
export type LabelOutcome =
  | 'labelled'
  | 'failed'
  | 'skipped'
  | 'deleted'
  | 'overwritten'
  | 'outdated'
  | 'unchanged';

/** What may be known of an object without its picture: a part of its label document. */
export type Findings = Pick<LabelDocument, 'model' | 'image' | 'predictions' | 'timings' | 'error'>;

/**
 * Classifies an object that was put into storage and writes its label document. An event that comes twice changes nothing, and of several
 * contents of one key the newest wins, in whatever order their events come.
 * @throws {Error} what is no fault of the object, for the queue to deliver again.
 */
export async function labelObject(object: DroppedObject, ports: LabelPorts): Promise<LabelOutcome> {
  if (isOwnWriting(object, ports)) return 'skipped';
  if (!imageFileName.test(object.key)) return reportOtherFile(object, ports);
  const stored = await ports.labels.read(object);
  if (stored !== undefined && isOlder(object.sequencer, stored.document.object.sequencer)) return 'outdated';
  if (stored !== undefined && isLabelled(object, stored.document, ports)) {
    // A delivery before this one may have ended between writing and announcing.
    await ports.announcer.announce(stored.document, stored.place);
    return 'unchanged';
  }
  const read = await ports.drops.read(object);
  if ('gone' in read) return read.gone;
  return keep(object, await findLabels(read, ports), stored, ports);
}

/** Writes why an object has no labels, where nothing newer is known of it. */
export async function failObject(
  object: DroppedObject,
  error: NonNullable<Findings['error']>,
  ports: Pick<LabelPorts, 'labels' | 'announcer' | 'settings'>,
): Promise<LabelOutcome> {
  if (isOwnWriting(object, ports)) return 'skipped';
  const stored = await ports.labels.read(object);
  if (stored !== undefined && isOlder(object.sequencer, stored.document.object.sequencer)) return 'outdated';
  return keep(object, { error }, stored, ports);
}

function isOwnWriting({ bucket, key }: DroppedObject, { settings }: Pick<LabelPorts, 'settings'>): boolean {
  return bucket === settings.ownBucket && key.startsWith(labelsPrefix);
}

async function reportOtherFile(object: DroppedObject, ports: LabelPorts): Promise<LabelOutcome> {
  if (ports.settings.otherFiles === 'skip') return 'skipped';
  const detail = 'The object is not named like an image: its name has none of the usual endings.';
  const error = { code: 'unsupported_image', detail };
  return keep(object, { error }, await ports.labels.read(object), ports);
}

/** Whether the document is about this content of the object, by this model. */
function isLabelled(
  { eTag, versionId }: DroppedObject,
  document: LabelDocument,
  { classifier }: LabelPorts,
): boolean {
  const { object, model, error } = document;
  const isSameContent = eTag !== undefined && eTag === object.eTag && versionId === object.versionId;
  return isSameContent && model?.sha256 === classifier.model.sha256 && error === undefined;
}

/** What is seen in an object that was read, or why it cannot be. */
export async function findLabels(
  read: Exclude<ReadObject, { gone: unknown }>,
  ports: LabelPorts,
): Promise<Findings> {
  return 'error' in read ? { error: read.error } : classify(read.image, ports);
}

async function classify(
  image: Parameters<LabelPorts['classifier']['classify']>[0],
  { classifier }: LabelPorts,
): Promise<Findings> {
  const { name, sha256 } = classifier.model;
  const model = { name, sha256 };
  try {
    const { image: facts, predictions, timings } = await classifier.classify(image);
    return { model, image: facts, predictions, timings };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { model, error: { code: error.code, detail: error.message } };
  }
}

/** How often somebody else may write the same document before this write is left to another delivery. */
const mostConflicts = 5;

async function keep(
  object: DroppedObject,
  findings: Findings,
  first: StoredLabels | undefined,
  { labels, announcer }: Pick<LabelPorts, 'labels' | 'announcer'>,
): Promise<LabelOutcome> {
  const document = { object: describeObject(object), labelledAt: new Date().toISOString(), ...findings };
  let stored = first;
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    const place = await labels.write(object, document, stored?.tag);
    if (place !== undefined) {
      await announcer.announce(document, place);
      return document.error === undefined ? 'labelled' : 'failed';
    }
    stored = await labels.read(object);
    if (stored !== undefined && isOlder(object.sequencer, stored.document.object.sequencer))
      return 'outdated';
  }
  throw new Error(
    `The labels of ${object.bucket}/${object.key} were changed by others ${mostConflicts} times.`,
  );
}

/** The object as a label document names it. */
export function describeObject({
  bucket,
  key,
  size,
  eTag,
  versionId,
  sequencer,
}: DroppedObject): LabelledObject {
  return {
    bucket,
    key,
    ...(size !== undefined && { size }),
    ...(eTag !== undefined && { eTag }),
    ...(versionId !== undefined && { versionId }),
    ...(sequencer !== undefined && { sequencer }),
  };
}
