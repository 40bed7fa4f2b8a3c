import * as z from 'zod';
import { problemCodes } from '../errors.ts';
import { imageFacts, jobError, jobSchema, jobStatus, modelIdentity, prediction } from '../job.ts';

/** One answer of `POST /predict`: nothing but what the original service's clients read. */
export const label = prediction
  .pick({ label: true, score: true })
  .describe('One of the classes the picture may show.');
export type Label = z.infer<typeof label>;

export const labels = z.array(label).describe('The most probable classes, best first.');

export const uploadRequest = z
  .object({
    contentType: z
      .string('names the media type of the image, such as image/jpeg')
      .regex(/^image\/[a-z0-9][a-z0-9.+-]{0,63}$/, 'names the media type of the image, such as image/jpeg')
      .describe('Media type that the form will send with the image. The format itself is told by content.'),
  })
  .describe('What is to be uploaded.');
export type UploadRequest = z.infer<typeof uploadRequest>;

export const uploadForm = z
  .object({
    method: z.literal('POST'),
    url: z
      .url()
      .describe('Where the form goes: `multipart/form-data`, the fields first, then the image as `file`.'),
    fields: z.record(z.string(), z.string()),
    maxBytes: z.int().min(1).describe('Storage refuses a larger image.'),
    expiresAt: z.iso.datetime().describe('Storage refuses the form from then on.'),
  })
  .describe('A form for sending the image to storage directly.');

export const upload = z
  .object({
    id: jobSchema.shape.id,
    status: jobStatus,
    upload: uploadForm,
    statusUrl: z.string().describe("The job's address, relative to the service's own."),
  })
  .describe('A job whose image is still to come.');
export type Upload = z.infer<typeof upload>;

export const health = z
  .object({ status: z.literal('ok'), model: modelIdentity })
  .describe('The service answers, and by which model.');
export type Health = z.infer<typeof health>;

export const model = modelIdentity
  .extend({
    inputSize: z.int().min(1).describe('Pixels of each side of what the network sees.'),
    classes: z.int().min(1),
    formats: z
      .array(z.object({ name: z.string(), mediaType: z.string() }))
      .describe('The image formats that are read.'),
    limits: z
      .object({
        inlineImageBytes: z.int().min(1).describe('Largest image `POST /predict` takes.'),
        uploadedImageBytes: z.int().min(1).describe('Largest image a form of `POST /uploads` takes.'),
        imagePixels: z.int().min(1).describe('Width times height.'),
        imageSide: z.int().min(1).describe('The longer of width and height, in pixels.'),
        retentionSeconds: z.int().min(1).describe('How long a job and its image are kept.'),
      })
      .describe('What an image may be.'),
  })
  .describe('The model that answers, and what it takes.');
export type Model = z.infer<typeof model>;

export const classes = z
  .array(z.object({ wnid: prediction.shape.wnid, label: prediction.shape.label }))
  .describe('Every class the model knows, in the order of its output.');

export const problem = z
  .object({
    type: z.string().describe('A URN of the kind of problem.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What to do about it, in words.'),
    code: z.enum(problemCodes),
    error: z.string().describe("The text that the original service's clients read."),
  })
  .describe('Problem details (RFC 9457).');
export type ProblemDetails = z.infer<typeof problem>;

/** The schemas that have a name in the OpenAPI document. */
export const components = {
  Job: jobSchema,
  Prediction: prediction,
  Image: imageFacts,
  ModelIdentity: modelIdentity,
  JobError: jobError,
  Label: label,
  UploadRequest: uploadRequest,
  UploadForm: uploadForm,
  Upload: upload,
  Health: health,
  Model: model,
  Problem: problem,
} as const;
export type ComponentName = keyof typeof components;
