import * as z from 'zod';
import { serviceSettings } from '../functions/shared/settings.ts';

/** Environment variables of the functions in AWS: names of resources, and the service's settings. Each function picks its own. */
export const awsSettings = serviceSettings.extend({
  tableName: z.string(),
  bucketName: z.string(),
  queueUrl: z.url(),
  /** The folder with the model; default: where the layer puts it. */
  modelDir: z.string().default('/opt/model'),
  /** Whether the function's response is streamed. Emulators cannot. */
  streaming: z.stringbool().default(true),
});

/** A variable that holds several texts, with commas between; none where it is not set. */
export const texts = z
  .string()
  .default('')
  .transform((list) => list.split(',').filter(Boolean));
