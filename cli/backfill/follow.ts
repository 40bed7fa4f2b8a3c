import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { decodePart, runFolder } from '../../functions/label/run-part.ts';
import type { Progress } from '../predict/progress.ts';
import { readObject } from './labelled.ts';
import { listObjects } from './listing.ts';

const lookMilliseconds = 1000;

export interface Followed {
  readonly client: S3Client;
  /** Where labels are kept. */
  readonly bucket: string;
  readonly run: string;
  readonly progress: Progress;
  /** How many objects were sent so far, and whether there are more to come. */
  readonly sent: () => { readonly objects: number; readonly isAll: boolean };
  readonly signal: AbortSignal;
}

/** Counts the results of a run as they come, until every object that was sent has its own. */
export async function followRun({ client, bucket, run, progress, sent, signal }: Followed): Promise<void> {
  const counted = new Set<string>();
  while (!signal.aborted) {
    for await (const { key } of listObjects(client, { bucket, prefix: `${runFolder(run)}part-` })) {
      if (counted.has(key)) continue;
      counted.add(key);
      for (const { error } of decodePart(await readObject(client, bucket, key)))
        progress.add(error !== undefined);
    }
    const { objects, isAll } = sent();
    if (isAll && progress.done >= objects) return;
    await sleep(lookMilliseconds, undefined, { signal }).catch(() => {});
  }
}
