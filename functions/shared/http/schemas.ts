import * as z from 'zod';
import { modelName, modelSchema } from '../../../layers/model/description.ts';
import { problemCodes } from '../errors.ts';
import {
  imageFacts,
  jobError,
  jobSchema,
  jobStatus,
  modelIdentity,
  modelResult,
  prediction,
} from '../job.ts';
import { modelParameter } from './parameters.ts';

/** One answer of `POST /predict`: nothing but what the original service's clients read. */
export const label = prediction
  .pick({ label: true, score: true })
  .describe('A class that the image may show.');
export type Label = z.infer<typeof label>;

export const labels = z.array(label).describe('The most probable classes, best first.');

export const uploadRequest = z
  .object({
    contentType: z
      .string('must be the media type of the image, such as image/jpeg')
      .regex(/^image\/[a-z0-9][a-z0-9.+-]{0,63}$/, 'must be the media type of the image, such as image/jpeg')
      .describe(
        'Media type that the form sends with the image. The service detects the format from the content.',
      ),
    model: modelParameter,
  })
  .describe('What will be uploaded.');
export type UploadRequest = z.infer<typeof uploadRequest>;

/** One look for a character that does not belong: an expression for the whole would need memory for each character. */
const notBase64 = /[^A-Za-z0-9+/=\s]/;

const noImage = 'is missing. Send {"image": "…"}, the image in base64';

export const predictRequest = z
  .object(
    {
      image: z
        .string(noImage)
        .min(4, 'must be an image in base64')
        .refine((text) => !/^https?:/.test(text), 'must be the image itself in base64, not its address')
        .refine((text) => !notBase64.test(text.slice(base64Start(text))), 'must be an image in base64')
        .meta({
          description: 'The image in base64 (RFC 4648, section 4), as such or as a `data:` URL.',
          // For readers and tools: checking it would need memory for each character.
          pattern: '^(data:[^,]{1,150};base64,)?[A-Za-z0-9+/]{4}[A-Za-z0-9+/]*={0,2}$',
        }),
    },
    noImage,
  )
  .describe('An image within JSON. It takes a third more bytes than the image itself.');

/** Where the base64 of a text begins: after the comma of a `data:` URL (RFC 2397), or at once. */
export function base64Start(text: string): number {
  return text.startsWith('data:') ? text.slice(0, 200).indexOf(';base64,') + ';base64,'.length : 0;
}

export const uploadForm = z
  .object({
    method: z.literal('POST'),
    url: z
      .url()
      .describe(
        'Where to send the form, as `multipart/form-data`: first the fields, then the image as `file`.',
      ),
    fields: z.record(z.string(), z.string()),
    maxBytes: z.int().min(1).describe('Storage refuses a larger image.'),
    expiresAt: z.iso.datetime().describe('Storage refuses the form after this time.'),
  })
  .describe('A form that sends the image directly to storage.');

export const upload = z
  .object({
    id: jobSchema.shape.id,
    status: jobStatus,
    upload: uploadForm,
    statusUrl: z.string().describe("The job's address, relative to the service's own."),
  })
  .describe('A job that waits for its image.');
export type Upload = z.infer<typeof upload>;

export const health = z
  .object({ status: z.literal('ok'), model: modelIdentity })
  .describe('The service answers; the model it uses.');
export type Health = z.infer<typeof health>;

export const model = modelIdentity
  .extend({
    classes: z.int().min(1).describe('How many classes it tells apart.'),
    input: modelSchema.shape.input,
    preprocessing: modelSchema.shape.preprocessing,
    output: modelSchema.shape.output,
    formats: z
      .array(z.object({ name: z.string(), mediaType: z.string() }))
      .describe('The image formats that the service reads.'),
    limits: z
      .object({
        inlineImageBytes: z.int().min(1).describe('Largest image for `POST /predict`.'),
        uploadedImageBytes: z.int().min(1).describe('Largest image for a form of `POST /uploads`.'),
        imagePixels: z.int().min(1).describe('Width times height.'),
        imageSide: z.int().min(1).describe('The longer of width and height, in pixels.'),
        retentionSeconds: z.int().min(1).describe('How long a job and its image are kept.'),
      })
      .describe('Limits of an image.'),
  })
  .describe('The model and its limits.');
export type Model = z.infer<typeof model>;

export const models = z
  .array(
    z.object({
      name: modelName.describe('What requests call it by, as `model`.'),
      default: z.boolean().describe('Whether it is the one that answers where a request names none.'),
      classes: model.shape.classes,
      model: modelIdentity,
    }),
  )
  .describe('The models of the service, the default first.');
export type Models = z.infer<typeof models>;

export const classes = z
  .array(z.object({ wnid: prediction.shape.wnid, label: prediction.shape.label }))
  .describe("All classes of the model, in the order of the network's output.");

export const problem = z
  .object({
    type: z.string().describe('A URN that identifies the kind of problem.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What to do about it.'),
    code: z.enum(problemCodes),
    error: z.string().describe('For clients of the original Flask service, which read this text.'),
  })
  .describe('Problem details (RFC 9457).');
export type ProblemDetails = z.infer<typeof problem>;

/** The schemas that have a name in the OpenAPI document. */
export const components = {
  Job: jobSchema,
  Prediction: prediction,
  Image: imageFacts,
  ModelIdentity: modelIdentity,
  ModelResult: modelResult,
  JobError: jobError,
  Label: label,
  PredictRequest: predictRequest,
  UploadRequest: uploadRequest,
  UploadForm: uploadForm,
  Upload: upload,
  Health: health,
  Model: model,
  Problem: problem,
} as const;
export type ComponentName = keyof typeof components;
