import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { resources } from '../../../functions/shared/http/routes.ts';
import { openApiDocument } from '../../../functions/site/openapi/document.ts';
import { textOf } from '../../support/api/answers.ts';
import { scenarios } from '../../support/api/scenarios.ts';
import { type Service, startService } from '../../support/api/service.ts';

const mediaType = z.object({
  schema: z.record(z.string(), z.unknown()),
  example: z.unknown().optional(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
});
const answer = z.object({
  headers: z.record(z.string(), z.unknown()).default({}),
  content: z.record(z.string(), mediaType).default({}),
});
const operation = z.object({
  operationId: z.string(),
  responses: z.record(z.string(), answer),
  requestBody: z.object({ content: z.record(z.string(), mediaType) }).optional(),
});
const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), operation)),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  })
  .parse(JSON.parse(JSON.stringify(openApiDocument())));

const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

/** Each documented answer of the operation's own, a problem once for each of its codes. */
function documentedAnswers({ responses }: z.infer<typeof operation>): string[] {
  const own = Object.entries(responses).filter(([status]) => !status.endsWith('XX'));
  return own.flatMap(([status, { content }]) => {
    const codes = Object.keys(content['application/problem+json']?.examples ?? {});
    return codes.length > 0 ? codes.map((code) => `${status} ${code}`) : [status];
  });
}

/** A validator for a schema of the document, in which every member that is not named is an error. */
function validator(schema: Readonly<Record<string, unknown>>) {
  const whole = { ...schema, $defs: document.components.schemas };
  const local = JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(JSON.parse(local, strict));
}

function strict(_: string, value: unknown): unknown {
  const isObjectSchema = typeof value === 'object' && value !== null && 'properties' in value;
  return isObjectSchema ? { ...value, additionalProperties: false } : value;
}

/** Left out where they have nothing to say: a job that has ended needs no retry, and a request without a preference gets none applied. */
const sentAtTimes = ['Retry-After', 'Preference-Applied'];

function alwaysSent(documented: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(documented).filter((header) => !sentAtTimes.includes(header));
}

function bodyOf(contentType: string, body: string): unknown {
  if (contentType === 'text/event-stream') return eventOf(body);
  return contentType.endsWith('json') ? JSON.parse(body) : body;
}

/** The last event of a stream, its data held to the document too. */
function eventOf(stream: string): unknown {
  const last = stream.trimEnd().split('\n\n').at(-1) ?? '';
  const fields = Object.fromEntries(last.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
  validator({ $ref: '#/components/schemas/Job' }).parse(JSON.parse(fields.data));
  return fields;
}

describe('The OpenAPI document', () => {
  test('has every resource the functions answer, except for its own page and the files of pages, and no other', () => {
    const apart = ['/{proxy+}', '/assets/{name}', '/docs'];
    const answered = Object.keys(resources).filter((resource) => !apart.includes(resource));
    expect(Object.keys(document.paths).toSorted()).toEqual(answered.toSorted());
  });

  test('shows examples that its own schemas accept', () => {
    const contents = operations.flatMap(({ responses, requestBody }) => [
      ...Object.values(responses).map(({ content }) => content),
      requestBody?.content ?? {},
    ]);
    for (const { schema, example, examples = {} } of contents.flatMap((content) => Object.values(content))) {
      const shown = [
        ...(example === undefined ? [] : [example]),
        ...Object.values(examples).map(({ value }) => value),
      ];
      for (const value of shown) expect(() => validator(schema).parse(value)).not.toThrow();
    }
  });

  test.each(operations)('lists for $operationId exactly the answers that are known here', (documented) => {
    const known = Object.keys(scenarios[documented.operationId] ?? {});
    expect(documentedAnswers(documented).toSorted()).toEqual(known.toSorted());
  });
});

describe.each(operations)('$operationId', ({ operationId, responses }) => {
  let service: Service;
  beforeEach(async () => {
    service = await startService();
  });
  afterEach(() => service[Symbol.asyncDispose]());

  test.each(Object.entries(scenarios[operationId] ?? {}))(
    'answers %s as documented',
    async (name, scenario) => {
      const [status = '', code] = name.split(' ');
      const { headers: documented, content } = answer.parse(responses[status]);
      const result = await scenario(service);
      const headers = z.record(z.string(), z.string()).parse(result.headers);
      expect(result.statusCode).toBe(Number(status));
      expect(Object.keys(headers)).toEqual(expect.arrayContaining(alwaysSent(documented)));
      const type = headers['Content-Type']?.split(';')[0];
      if (Object.keys(content).length === 0) return expect(result.body).toBe('');
      const schema = content[type ?? '']?.schema;
      expect(schema, `${type} is documented`).toBeDefined();
      const body = bodyOf(type ?? '', textOf(result));
      expect(validator(schema ?? {}).safeParse(body).error).toBeUndefined();
      if (code !== undefined) expect(body).toMatchObject({ code, status: Number(status) });
    },
  );
});

test('The validator of this suite refuses what the document does not say', () => {
  const label = validator({ $ref: '#/components/schemas/Label' });
  expect(label.safeParse({ label: 'tench', score: 0.5 }).success).toBe(true);
  expect(label.safeParse({ label: 'tench', score: 2 }).success).toBe(false);
  expect(label.safeParse({ label: 'tench', score: 0.5, more: 1 }).success).toBe(false);
});
