import { idempotencyKey, jobId, predictQuery, selection, statusQuery } from '../../shared/http/parameters.ts';
import { labels } from '../../shared/http/schemas.ts';
import { examples } from './examples.ts';
import {
  header,
  headers,
  type Operation,
  type Parameter,
  problems,
  queryParameters,
  type RequestBody,
  ref,
  toJsonSchema,
} from './openapi.ts';
import { getHealth, getLabels, getModel, getModels, getOpenApi, page } from './site-operations.ts';

const idempotency: Parameter = header('Idempotency-Key', toJsonSchema(idempotencyKey));
const id: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  schema: toJsonSchema(jobId),
  example: examples.id,
};
const bytes = { type: 'string', format: 'binary', minLength: 1 };

/** OpenAPI 3.1 cannot describe the events of a stream. Tools that read one use this as the schema of each event. */
const event = {
  type: 'object',
  required: ['event', 'data'],
  properties: {
    id: { type: 'string', description: 'Version of the job.' },
    event: { type: 'string', enum: ['status', 'deleted'] },
    data: { type: 'string', contentMediaType: 'application/json', contentSchema: ref('Job') },
  },
};

/** Generators of clients that take one media type of several take the first, or JSON. */
const sentImage: RequestBody = {
  required: true,
  description: 'The image. As the body itself it may have its own media type too, such as `image/png`.',
  content: {
    'multipart/form-data': {
      schema: { type: 'object', required: ['file'], properties: { file: bytes } },
    },
    'application/octet-stream': { schema: bytes },
    'application/json': { schema: ref('PredictRequest'), example: examples.predictRequest },
  },
};

const parameters = { id: '$response.body#/id' };
const jobLinks = {
  status: { operationId: 'getStatus', parameters },
  events: { operationId: 'getEvents', parameters },
  delete: { operationId: 'deleteJob', parameters },
};

const labelsOfEach = { type: 'object', description: 'The labels that each model gives, by its name.' };

const predict: Operation = {
  operationId: 'predict',
  summary: 'Classify an image',
  description:
    'Takes the image as the multipart part `file`, as the body itself, or in base64 within JSON, and waits for its labels. If the wait ends first, or with ' +
    '`Prefer: respond-async`, the answer is 202, and `Location` is the address of the job.',
  tags: ['classify'],
  parameters: [
    ...queryParameters(predictQuery),
    idempotency,
    header('Prefer', {
      type: 'string',
      description: '`respond-async`, or `wait=` and seconds from 0 to 25 (RFC 7240). Default: 20 seconds.',
      examples: ['wait=5', 'respond-async'],
    }),
  ],
  requestBody: sentImage,
  responses: {
    200: {
      description: 'The labels, best first; where the request named several models, those of each by name.',
      headers: headers('Location', 'Server-Timing', 'Preference-Applied'),
      content: {
        'application/json': {
          schema: { oneOf: [labelList(), { ...labelsOfEach, additionalProperties: labelList() }] },
          examples: { one: { value: examples.labels }, several: { value: examples.labelsByModel } },
        },
      },
    },
    202: {
      description: 'The image is accepted, but not classified yet.',
      headers: headers('Location', 'Retry-After', 'Server-Timing', 'Preference-Applied'),
      content: { 'application/json': { schema: ref('Job'), example: examples.pending } },
      links: jobLinks,
    },
    ...problems(
      'invalid_parameter',
      'invalid_body',
      'no_file_part',
      'no_selected_file',
      'several_files',
      'empty_file',
      'not_found',
      'image_too_large',
      'unsupported_image',
      'unsupported_variant',
      'corrupt_image',
      'too_many_pixels',
      'too_costly',
      'image_missing',
      'model_missing',
      'idempotency_key_reused',
      'internal_error',
      'gave_up',
      'lost',
      'busy',
      'storage_full',
      'unavailable',
    ),
  },
};

const createUpload: Operation = {
  operationId: 'createUpload',
  summary: 'Get a form for sending a large image',
  description:
    'Sends the image directly to storage: POST the `fields`, then the image as `file`, to `url` as `multipart/form-data`. ' +
    'Storing it starts the classification; `statusUrl` is the address of the job.',
  tags: ['classify'],
  parameters: [idempotency],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: ref('UploadRequest'), example: { contentType: 'image/jpeg' } } },
  },
  responses: {
    201: {
      description: 'A job, and the form for its image.',
      headers: headers('Location'),
      content: { 'application/json': { schema: ref('Upload'), example: examples.upload } },
      links: jobLinks,
    },
    ...problems(
      'invalid_parameter',
      'invalid_body',
      'idempotency_key_reused',
      'internal_error',
      'storage_full',
      'unavailable',
    ),
  },
};

const getStatus: Operation = {
  operationId: 'getStatus',
  summary: 'Read a job',
  description: 'Failed and expired jobs are answered with 200 too: see `status` and `error`.',
  tags: ['jobs'],
  parameters: [id, ...queryParameters(statusQuery)],
  responses: {
    200: {
      description: 'The job as it stands.',
      headers: headers('Retry-After'),
      content: {
        'application/json': {
          schema: ref('Job'),
          examples: {
            succeeded: { value: examples.succeeded },
            failed: { value: examples.failed },
            pending: { value: examples.pending },
          },
        },
      },
    },
    ...problems('invalid_parameter', 'not_found', 'gone', 'internal_error', 'unavailable'),
  },
};

const deleteJob: Operation = {
  operationId: 'deleteJob',
  summary: 'Delete a job and its image',
  description:
    'Removes the record, then the image. Whoever waits for the job gets 404, and its event stream ends.',
  tags: ['jobs'],
  parameters: [id],
  responses: {
    204: { description: 'The job and its image are deleted.' },
    ...problems('not_found', 'internal_error', 'unavailable'),
  },
};

const getEvents: Operation = {
  operationId: 'getEvents',
  summary: 'Follow a job',
  description:
    'Server-sent events: one `status` event for each state, with the version as `id` and the job as data. The last state ends the ' +
    'stream; a deleted job ends it with a `deleted` event. A comment every 15 seconds keeps the connection alive. Where answers cannot ' +
    'be streamed, the answer holds the newest state, and `EventSource` asks again.',
  tags: ['jobs'],
  parameters: [
    id,
    ...queryParameters(selection),
    header('Last-Event-ID', {
      type: 'string',
      description: 'The last version that was received; only newer ones are sent.',
    }),
  ],
  responses: {
    200: {
      description: 'The states of the job.',
      content: { 'text/event-stream': { schema: event, example: examples.event } },
    },
    204: { description: 'The client has received the last state: there are no more events.' },
    ...problems('invalid_parameter', 'not_found', 'gone', 'internal_error', 'unavailable'),
  },
};

/** Every operation, by the path and the method that the functions answer. */
export const paths = {
  '/predict': { post: predict },
  '/uploads': { post: createUpload },
  '/status/{id}': { get: getStatus, delete: deleteJob },
  '/status/{id}/events': { get: getEvents },
  '/': { get: page },
  '/health': { get: getHealth },
  '/model': { get: getModel },
  '/models': { get: getModels },
  '/labels': { get: getLabels },
  '/openapi.json': { get: getOpenApi },
} as const satisfies Record<string, Readonly<Record<string, Operation>>>;

function labelList() {
  const { items: _, ...schema } = toJsonSchema(labels);
  return { ...schema, items: ref('Label') };
}
