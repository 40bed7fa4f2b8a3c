import { labelHandler } from '../../functions/label/handler.ts';
import { openModel } from '../classifier.ts';
import { s3Client } from '../clients.ts';
import { compose } from '../compose.ts';
import { labelling } from '../labelling.ts';
import { queue } from '../ports.ts';
import { S3DropStore } from '../stores/s3-drop-store.ts';

const classifier = await openModel();

export const handler = compose('label', ({ telemetry }) =>
  labelHandler({
    ...labelling(),
    drops: new S3DropStore(s3Client()),
    queue: queue(),
    classifier,
    telemetry,
  }),
);
