import { idempotencyKey, jobId, selection, statusQuery } from '../../shared/http/parameters.ts';
import { labels } from '../../shared/http/schemas.ts';
import { examples } from './examples.ts';
import {
  header,
  headers,
  type Operation,
  type Parameter,
  problems,
  queryParameters,
  ref,
  toJsonSchema,
} from './openapi.ts';
import { getHealth, getLabels, getModel, getOpenApi, page } from './site-operations.ts';

const idempotency: Parameter = header('Idempotency-Key', toJsonSchema(idempotencyKey));
const id: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  schema: toJsonSchema(jobId),
  example: examples.id,
};
const bytes = { type: 'string', format: 'binary', minLength: 1 };
const binary = { schema: bytes };

/** OpenAPI 3.1 has no word for a stream's events; tools that read one take this for the schema of each. */
const event = {
  type: 'object',
  required: ['event', 'data'],
  properties: {
    id: { type: 'string', description: 'Version of the job.' },
    event: { type: 'string', enum: ['status', 'deleted'] },
    data: { type: 'string', contentMediaType: 'application/json', contentSchema: ref('Job') },
  },
};

const parameters = { id: '$response.body#/id' };
const jobLinks = {
  status: { operationId: 'getStatus', parameters },
  events: { operationId: 'getEvents', parameters },
  delete: { operationId: 'deleteJob', parameters },
};

const predict: Operation = {
  operationId: 'predict',
  summary: 'Classify an image',
  description:
    'Takes the image as the multipart part `file`, or as the body itself, and waits for its labels. Where the wait ends first, or with ' +
    '`Prefer: respond-async`, the answer is 202 and `Location` says where to ask again.',
  tags: ['classify'],
  parameters: [
    ...queryParameters(selection),
    idempotency,
    header('Prefer', {
      type: 'string',
      description:
        '`respond-async`, or `wait=` and seconds from 0 to 25 (RFC 7240). 20 seconds where nothing is said.',
      examples: ['wait=5', 'respond-async'],
    }),
  ],
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          required: ['file'],
          properties: { file: bytes },
        },
      },
      'application/octet-stream': binary,
      'image/*': binary,
    },
  },
  responses: {
    200: {
      description: 'The labels, best first.',
      headers: headers('Location', 'Server-Timing', 'Preference-Applied'),
      content: { 'application/json': { schema: toJsonSchemaOfLabels(), example: examples.labels } },
    },
    202: {
      description: 'The image is taken, and not classified yet.',
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
    'The image goes to storage directly: POST the `fields` and then the image as `file` to `url`, as `multipart/form-data`. ' +
    'Its arrival starts the classification; `statusUrl` says how it went.',
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
  summary: 'See a job',
  description: 'A failed or expired job is an answer like any other.',
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
  tags: ['jobs'],
  parameters: [id],
  responses: {
    204: { description: 'There is nothing left of it.' },
    ...problems('not_found', 'internal_error', 'unavailable'),
  },
};

const getEvents: Operation = {
  operationId: 'getEvents',
  summary: 'Follow a job',
  description:
    'Server-sent events: one `status` event for each state seen, its `id` the version and its data the job. The last state ends the ' +
    'stream; a deleted job ends it with a `deleted` event. A comment every 15 seconds keeps the connection alive. Where answers cannot ' +
    'be streamed, the newest state comes at once and `EventSource` asks again.',
  tags: ['jobs'],
  parameters: [
    id,
    ...queryParameters(selection),
    header('Last-Event-ID', { type: 'string', description: 'The version seen last; newer ones are sent.' }),
  ],
  responses: {
    200: {
      description: 'The states of the job.',
      content: { 'text/event-stream': { schema: event, example: examples.event } },
    },
    204: { description: 'The last state has been seen: there is no more to come.' },
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
  '/labels': { get: getLabels },
  '/openapi.json': { get: getOpenApi },
} as const satisfies Record<string, Readonly<Record<string, Operation>>>;

function toJsonSchemaOfLabels() {
  const { items: _, ...schema } = toJsonSchema(labels);
  return { ...schema, items: ref('Label') };
}
