import * as z from 'zod';
import { canaryHandler } from '../../functions/canary/handler.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { compose } from '../compose.ts';
import { readKnownPicture } from '../known-picture.ts';

const { url, slowMilliseconds } = readEnvironment(
  z.object({ url: z.url(), slowMilliseconds: z.coerce.number().positive() }),
  process.env,
);
const picture = await readKnownPicture(import.meta.dirname);

export const handler = compose('canary', ({ telemetry }) =>
  canaryHandler({ url, picture, telemetry, slowMilliseconds }),
);
