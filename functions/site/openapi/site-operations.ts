import { classes } from '../../shared/http/schemas.ts';
import { examples } from './examples.ts';
import {
  header,
  headers,
  type JsonSchema,
  type Operation,
  type Parameter,
  problems,
  ref,
  toJsonSchema,
} from './openapi.ts';

const unchanged = {
  304: { description: 'The document has not changed.', headers: headers('ETag') },
};

export const page: Operation = {
  operationId: 'getPage',
  summary: 'The page',
  tags: ['service'],
  parameters: [ifNoneMatch()],
  responses: {
    200: {
      description: 'A page that classifies images.',
      headers: headers('ETag'),
      content: { 'text/html': { schema: { type: 'string' } } },
    },
    ...unchanged,
    ...problems('internal_error'),
  },
};

export const getAsset: Operation = {
  operationId: 'getAsset',
  summary: 'A file that the page loads',
  tags: ['service'],
  parameters: [
    { name: 'name', in: 'path', required: true, schema: { type: 'string' }, example: 'daisy.webp' },
  ],
  responses: {
    200: {
      description: 'The file.',
      headers: headers('Cache-Control'),
      content: {
        'image/webp': { schema: { type: 'string', format: 'binary' } },
        'text/javascript': { schema: { type: 'string' } },
      },
    },
    ...problems('not_found', 'internal_error'),
  },
};

export const getHealth: Operation = {
  operationId: 'getHealth',
  summary: 'Check whether the service answers',
  tags: ['service'],
  responses: {
    200: {
      description: 'The service answers.',
      content: { 'application/json': { schema: ref('Health'), example: examples.health } },
    },
  },
};

export const getModel = document('getModel', 'The model and its limits', ref('Model'), examples.model);
export const getLabels = document('getLabels', 'All classes of the model', toJsonSchema(classes), [
  { wnid: 'n01440764', label: 'tench' },
]);
export const getOpenApi = document('getOpenApi', 'This document', { type: 'object' });

/** A document that changes only with a new deployment. */
function document(operationId: string, summary: string, schema: JsonSchema, example?: unknown): Operation {
  return {
    operationId,
    summary,
    tags: ['service'],
    parameters: [ifNoneMatch()],
    responses: {
      200: {
        description: summary,
        headers: headers('ETag', 'Cache-Control'),
        content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
      },
      ...unchanged,
    },
  };
}

function ifNoneMatch(): Parameter {
  return header('If-None-Match', { type: 'string', description: 'An `ETag` received before.' });
}
