import { labelHandler } from '../../functions/label/handler.ts';
import { openModel } from '../classifier.ts';
import { s3Client } from '../clients.ts';
import { composeOpening } from '../compose.ts';
import { labelling } from '../labelling.ts';
import { queue } from '../ports.ts';
import { S3DropStore } from '../stores/s3-drop-store.ts';

export const handler = await composeOpening('label', async ({ telemetry }) => {
  const ports = { ...labelling(), drops: new S3DropStore(s3Client()), queue: queue(), telemetry };
  return labelHandler({ ...ports, classifier: await openModel() });
});
