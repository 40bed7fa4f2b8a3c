import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { type LabelDocument, labelDocument } from '../shared/label-document.ts';
import { labelsPrefix } from '../shared/object-event.ts';
import type { DroppedObject } from './dropped-objects.ts';

/** An object that a run lists; what it is called in the listing. */
const runObject = z.object({
  key: z.string().min(1),
  size: z.number().optional(),
  eTag: z.string().optional(),
});

/** A message of a run: many objects of one bucket, and the name of the part that holds their labels. */
export const runPart = z.object({
  run: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  /** Digits for a part as it was listed; a part that took too long is split, and its halves are `17a` and `17b`. */
  part: z.string().regex(/^\d{6,}[ab]*$/),
  bucket: z.string(),
  objects: z.array(runObject).min(1),
});
export type RunPart = z.infer<typeof runPart>;

/** The part that a message is about; `undefined` where it is about something else. */
export function readRunPart(message: string): RunPart | undefined {
  try {
    return runPart.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}

export function objectsOf({ bucket, objects }: RunPart): DroppedObject[] {
  return objects.map(({ key, size, eTag }) => ({
    bucket,
    key,
    size,
    eTag,
    versionId: undefined,
    sequencer: undefined,
  }));
}

/** The two halves of a part of several objects. Splitting it again makes the same two. */
export function splitPart(part: RunPart): [RunPart, RunPart] {
  const middle = Math.ceil(part.objects.length / 2);
  return [
    { ...part, part: `${part.part}a`, objects: part.objects.slice(0, middle) },
    { ...part, part: `${part.part}b`, objects: part.objects.slice(middle) },
  ];
}

/** Where a run keeps what it writes. */
export function runFolder(run: string): string {
  return `${labelsPrefix}runs/${run}/`;
}

/** Where the labels of a part stand: a JSON document in each line, compressed. */
export function partKey({ run, part }: Pick<RunPart, 'run' | 'part'>): string {
  return `${runFolder(run)}part-${part}.ndjson.gz`;
}

/** Says that a part was split: it writes no labels of its own any more. */
export function splitKey({ run, part }: Pick<RunPart, 'run' | 'part'>): string {
  return `${runFolder(run)}split-${part}`;
}

export function encodePart(documents: readonly LabelDocument[]): Uint8Array {
  return gzipSync(documents.map((document) => `${JSON.stringify(document)}\n`).join(''));
}

/** @throws {Error} where the bytes are not those of a part. */
export function decodePart(bytes: Uint8Array): LabelDocument[] {
  const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
  return lines.map((line) => labelDocument.parse(JSON.parse(line)));
}
