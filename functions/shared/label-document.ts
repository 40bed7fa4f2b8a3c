import { createHash } from 'node:crypto';
import * as z from 'zod';
import { imageFacts, jobError, modelIdentity, prediction, timings } from './job.ts';

/** The stored object that a label document is about, as its storage names it. */
export const labelledObject = z
  .object({
    bucket: z.string().optional().describe('Its bucket; absent where the storage is a folder'),
    key: z.string().describe('Its key, or its path below the watched folder'),
    versionId: z.string().optional().describe('Its version, where the bucket keeps versions'),
    eTag: z.string().optional(),
    sequencer: z
      .string()
      .optional()
      .describe('Orders the events about one key: the greater one is the newer'),
    size: z.int().min(0).optional().describe('Bytes'),
    modifiedAt: z.iso.datetime().optional().describe('When a file in a folder was last changed'),
  })
  .describe('The image file that was labelled.');
export type LabelledObject = z.infer<typeof labelledObject>;

/** What is written for an image that was put into storage: its labels, or why it has none. */
export const labelDocument = z
  .object({
    object: labelledObject,
    labelledAt: z.iso.datetime(),
    model: modelIdentity.optional().describe('Absent where no model saw the image'),
    image: imageFacts.optional(),
    predictions: z.array(prediction).optional().describe('Best first'),
    timings: timings.optional(),
    error: jobError.optional(),
  })
  .describe('The labels of one image in storage, or the reason why it has none.');
export type LabelDocument = z.infer<typeof labelDocument>;

const suffix = '.json';
const digestLength = 16;

/**
 * The name of a label document: the image's own name and `.json`. Where that has more than `mostBytes` bytes in UTF-8 it is cut and ends
 * in a digest of the whole name, so that no two images share one; the document holds the whole name.
 */
export function labelName(name: string, mostBytes: number): string {
  const whole = `${name}${suffix}`;
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, digestLength);
  const ending = `~${digest}${suffix}`;
  return `${cut(name, mostBytes - ending.length)}${ending}`;
}

/** The longest start of a text that has at most so many bytes in UTF-8, without half a character at its end. */
function cut(text: string, bytes: number): string {
  const start = Buffer.from(text).subarray(0, bytes);
  return new TextDecoder().decode(start, { stream: true });
}
