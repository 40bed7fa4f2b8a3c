import * as z from 'zod';
import { serviceSettings } from '../functions/shared/settings.ts';

/** Environment variables of the functions in AWS: names of resources, and the service's settings. Each function picks its own. */
export const awsSettings = serviceSettings.extend({
  tableName: z.string(),
  bucketName: z.string(),
  queueUrl: z.url(),
  /** The folder with the model; default: where the layer puts it. */
  modelDir: z.string().default('/opt/model'),
  /** What requests call the models by, with commas between, the default first; none where there is only one. */
  modelNames: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter(Boolean)),
  /** Whether the function's response is streamed. Emulators cannot. */
  streaming: z.stringbool().default(true),
});
