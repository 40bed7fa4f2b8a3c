import * as z from 'zod';
import { serviceSettings } from '../functions/shared/settings.ts';

/** What the functions learn from their environment in AWS: where things are, and the service's settings. Each picks its own. */
export const awsSettings = serviceSettings.extend({
  tableName: z.string(),
  bucketName: z.string(),
  queueUrl: z.url(),
  /** The folder with the model: the layer's place, unless said otherwise. */
  modelDir: z.string().default('/opt/model'),
  /** Whether the function's response is streamed; emulators cannot. */
  streaming: z.stringbool().default(true),
});
