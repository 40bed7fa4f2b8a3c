import { modelQuery } from '../../shared/http/parameters.ts';
import { classes, models } from '../../shared/http/schemas.ts';
import { examples } from './examples.ts';
import {
  header,
  headers,
  type JsonSchema,
  type Operation,
  type Parameter,
  problems,
  queryParameters,
  ref,
  toJsonSchema,
} from './openapi.ts';

const unchanged = {
  304: { description: 'The document has not changed.', headers: headers('ETag') },
};

export const page: Operation = {
  operationId: 'getPage',
  summary: 'The page',
  description: 'Takes pictures in a browser and shows their labels.',
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

export const getHealth: Operation = {
  operationId: 'getHealth',
  summary: 'Check whether the service answers',
  description: 'Needs no key. It says which model answers, and does not look at storage or the queue.',
  tags: ['service'],
  security: [],
  responses: {
    200: {
      description: 'The service answers.',
      content: { 'application/json': { schema: ref('Health'), example: examples.health } },
    },
  },
};

export const getModel = aboutModel({
  operationId: 'getModel',
  summary: 'The model and its limits',
  description:
    'What the model takes and gives, which image formats are read, and how large an image may be. A browser that asks for HTML gets a page.',
  schema: ref('Model'),
  example: examples.model,
});
export const getModels = document({
  operationId: 'getModels',
  summary: 'The models',
  description: 'What requests call them by, the default first. Many services have only one.',
  schema: toJsonSchema(models),
  example: examples.models,
});
export const getLabels = aboutModel({
  operationId: 'getLabels',
  summary: 'All classes of the model',
  description: "In the order of the network's output. A browser that asks for HTML gets a page.",
  schema: toJsonSchema(classes),
  example: [{ wnid: 'n01440764', label: 'tench' }],
});
export const getOpenApi = document({
  operationId: 'getOpenApi',
  summary: 'This document',
  description: 'The API as OpenAPI 3.1, for generators of clients and other tools.',
  schema: { type: 'object' },
});

interface StaticDocument extends Pick<Operation, 'operationId' | 'summary' | 'description'> {
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

/** A document that changes only with a new deployment. */
function document({ schema, example, ...operation }: StaticDocument): Operation {
  return {
    ...operation,
    tags: ['service'],
    parameters: [ifNoneMatch()],
    responses: {
      200: {
        description: operation.summary,
        headers: headers('ETag', 'Cache-Control'),
        content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
      },
      ...unchanged,
    },
  };
}

/** A document about the model that the query names. */
function aboutModel(described: StaticDocument): Operation {
  const { parameters = [], responses, ...operation } = document(described);
  return {
    ...operation,
    parameters: [...queryParameters(modelQuery), ...parameters],
    responses: { ...responses, ...problems('invalid_parameter') },
  };
}

function ifNoneMatch(): Parameter {
  return header('If-None-Match', { type: 'string', description: 'An `ETag` received before.' });
}
