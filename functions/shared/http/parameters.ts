import * as z from 'zod';
import { limits } from '../limits.ts';

const decimal = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** A query parameter is text. Only a decimal number counts as a number: an empty value is not 0. */
function numeric(text: unknown): unknown {
  return typeof text === 'string' && decimal.test(text) ? Number(text) : text;
}

const topWords = `must be a whole number from 1 to ${limits.keptPredictions}`;
const thresholdWords = 'must be a number from 0 to 1';
const waitWords = `must be a number of seconds from 0 to ${limits.maxWaitSeconds}`;

const top = z
  .number(topWords)
  .int(topWords)
  .min(1, topWords)
  .max(limits.keptPredictions, topWords)
  .default(limits.defaultTop)
  .describe('How many labels to answer with, best first.');
const threshold = z
  .number(thresholdWords)
  .min(0, thresholdWords)
  .max(1, thresholdWords)
  .default(0)
  .describe('Leaves out labels with a lower score.');
const wait = z
  .number(waitWords)
  .min(0, waitWords)
  .max(limits.maxWaitSeconds, waitWords)
  .default(0)
  .describe('Seconds to wait for the job to end before answering.');

/** Which predictions a client asks for. Unknown parameters are refused, because a misspelt one would silently change the answer. */
export const selection = z.strictObject({
  top: z.preprocess(numeric, top),
  threshold: z.preprocess(numeric, threshold),
});
export type Selection = z.infer<typeof selection>;

/** What says which models are to see an image. Whether they are there, the service knows: see `../models.ts`. */
export const modelParameter = z
  .string()
  .optional()
  .meta({
    description:
      'What the model is called that is to see the image, of those that `GET /models` lists; several with commas between, ' +
      'and the answer is an object of labels by name. Default: the first of the list.',
    examples: ['kinds', 'kinds,imagenet'],
  });

/** Which model a document is about. Other parameters are of no account, as ever. */
export const modelQuery = z.object({
  model: z
    .string()
    .optional()
    .meta({ description: 'What the model is called by: `GET /models`. Default: the first of them.' }),
});

export const predictQuery = selection.extend({ model: modelParameter });

export const statusQuery = selection.extend({ wait: z.preprocess(numeric, wait) });

export const jobId = z.uuidv4().describe("The job's id, as `Location` or `statusUrl` has it.");

export const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{16,255}$/)
  .describe(
    'Any text that is new for each image, such as a UUID. A repeat with the same key finds the first job instead of making another one.',
  );
