import * as z from 'zod';
import type { LabelSettings } from '../functions/label/ports.ts';
import { readEnvironment } from '../functions/shared/settings.ts';
import { eventBridgeClient, s3Client } from './clients.ts';
import { EventBusAnnouncer } from './event-bus.ts';
import { queue } from './ports.ts';
import { S3LabelStore } from './stores/s3-label-store.ts';
import { S3RunStore } from './stores/s3-run-store.ts';

const schema = z.object({
  bucketName: z.string(),
  stackName: z.string(),
  otherFiles: z.enum(['skip', 'report']).default('skip'),
});

/** What both functions that write label documents have: where documents go, who is told, and the settings. */
export function labelling() {
  const { bucketName, stackName, otherFiles } = readEnvironment(schema, process.env);
  const settings: LabelSettings = { otherFiles, ownBucket: bucketName };
  return {
    labels: new S3LabelStore(s3Client(), bucketName),
    runs: new S3RunStore(s3Client(), bucketName, queue()),
    announcer: new EventBusAnnouncer(eventBridgeClient(), stackName),
    settings,
  };
}
