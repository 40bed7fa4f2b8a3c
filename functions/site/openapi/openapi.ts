import * as z from 'zod';
import { errorOf, type ProblemCode, problemType } from '../../shared/errors.ts';
import { problemDetails } from '../../shared/http/response.ts';
import { type ComponentName, components } from '../../shared/http/schemas.ts';

/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface MediaType {
  readonly schema: JsonSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly summary?: string; readonly value: unknown }>>;
}

export type Content = Readonly<Record<string, MediaType>>;

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Content;
  /** What can be done next with what is in the answer. */
  readonly links?: Readonly<Record<string, Link>>;
}

export interface Link {
  readonly operationId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'header' | 'path';
  readonly required?: boolean;
  readonly description?: unknown;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

/** A program that makes a call: https://redocly.com/docs-legacy/api-reference-docs/specification-extensions/x-code-samples */
export interface CodeSample {
  readonly lang: string;
  readonly label: string;
  readonly source: string;
}

export interface RequestBody {
  readonly required: true;
  readonly description?: string;
  readonly content: Content;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: RequestBody;
  readonly responses: Readonly<Record<string, Answer>>;
  /** An empty list: open even where the service asks for a key. */
  readonly security?: readonly [];
}

export function ref(name: ComponentName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export function headers(...names: string[]): Record<string, { readonly $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** JSON Schema of what a client sends or reads. Numbers lose zod's safe-integer bounds and dates their pattern: both only hide the rest. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', override: simplify });
  return json;
}

/** The schemas under `components`, which refer to each other by name. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(components)) registry.add(schema, { id });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri, override: simplify });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}

function simplify({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.format === 'date-time' || jsonSchema.format === 'uuid') delete jsonSchema.pattern;
}

/** A header that a request may have. */
export function header(
  name: string,
  { description, ...schema }: { description?: unknown } & Record<string, unknown>,
): Parameter {
  return { name, in: 'header', required: false, description, schema };
}

/** The parameters of a query's schema, as it checks them. */
export function queryParameters(schema: z.ZodObject): Parameter[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...json } = toJsonSchema(z.object({ field }).shape.field);
    return { name, in: 'query', description, schema: json };
  });
}

/** Problem answers, one for each status, with an example for each code. */
export function problems(...codes: ProblemCode[]): Record<string, Answer> {
  const byStatus = Object.groupBy(codes, (code) => problemType(code).status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group = []]) => [status, problemAnswer(group)]),
  );
}

/** An answer of any of these codes, with an example for each. */
export function problemAnswer(codes: readonly ProblemCode[]): Answer {
  const examples = codes.map((code) => [
    code,
    { summary: problemType(code).title, value: problemDetails(errorOf(code)) },
  ]);
  return {
    ...(codes.some(mayBeRetried) && { headers: headers('Retry-After') }),
    description: codes.map((code) => `\`${code}\`: ${problemType(code).title}.`).join('\n'),
    content: {
      'application/problem+json': { schema: ref('Problem'), examples: Object.fromEntries(examples) },
    },
  };
}

function mayBeRetried(code: ProblemCode): boolean {
  return problemType(code).retryAfterSeconds !== undefined;
}
