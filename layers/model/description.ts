import * as z from 'zod';
import { filters } from './run/filters.ts';

const side = z.int().positive().max(16_384);
const perChannel = z.array(z.number()).length(3);

const inputSchema = z
  .object({
    name: z.string().describe("The tensor's name"),
    layout: z.enum(['NHWC', 'NCHW']),
    type: z.enum(['uint8', 'float32', 'float16']),
    height: side,
    width: side,
  })
  .describe('The tensor that the network takes, of one picture.');

/** Steps are taken in the order of the fields. */
const preprocessingSchema = z
  .object({
    resize: z
      .union([
        z.strictObject({ height: side, width: side, filter: z.enum(filters) }),
        z.strictObject({ shortestEdge: side, filter: z.enum(filters) }),
      ])
      .optional()
      .describe("To a size, or to a length of the shorter edge, by one of Pillow's filters"),
    crop: z
      .object({
        height: side,
        width: side,
        rounding: z
          .enum(['even'])
          .optional()
          .describe(
            'Where the middle is between two pixels: the even one (torchvision); else the first (transformers)',
          ),
      })
      .optional()
      .describe('The middle; black where the picture is smaller'),
    rescale: z
      .object({ factor: z.number(), offset: z.number() })
      .optional()
      .describe('Each sample, 0 to 255, is multiplied, then the offset is added.'),
    normalize: z
      .array(z.object({ mean: perChannel, std: perChannel }))
      .describe('For each entry the mean is subtracted and the result divided by the standard deviation.'),
    channels: z.enum(['RGB', 'BGR']),
  })
  .describe('What is done to a picture before the network sees it. What is left out is not done.');

const outputSchema = z
  .object({
    name: z.string().describe("The tensor's name"),
    values: z.enum(['logits', 'probabilities']).describe('What the network gives'),
    activation: z
      .enum(['softmax', 'sigmoid'])
      .describe('How logits become scores: `softmax` where one class excludes the others, else `sigmoid`.'),
  })
  .describe('The tensor that the network gives.');

export const modelSchema = z.object({
  name: z.string(),
  sha256: z.string().describe('SHA-256 of the weights file, in hex'),
  classes: z.int().positive(),
  input: inputSchema,
  preprocessing: preprocessingSchema,
  output: outputSchema,
  needs: z
    .object({ memoryMb: z.int().positive(), loadMilliseconds: z.number(), runMilliseconds: z.number() })
    .optional()
    .describe('What one process took that loaded the network and ran it, where that was measured.'),
});

export type ModelFacts = Readonly<z.infer<typeof modelSchema>>;
export type ModelInput = ModelFacts['input'];
export type Preprocessing = ModelFacts['preprocessing'];
export type ModelOutput = ModelFacts['output'];

export const labelsSchema = z.array(z.object({ wnid: z.string().optional(), label: z.string() }));

/** A class that the network tells apart: its label and, if it has one, its WordNet id, such as `n02099712`. */
export type ModelLabel = z.infer<typeof labelsSchema>[number];

/** What a request calls a model by: a part of an address as it stands. */
export const modelName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
