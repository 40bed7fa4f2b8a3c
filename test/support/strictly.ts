import * as z from 'zod';

/**
 * The same schema, but a member that it does not name is an error, at any depth. Schemas of the service drop such members, so a
 * test that parses with them would not see what an answer has too much.
 */
export function strictly<Schema extends z.ZodType>(schema: Schema) {
  // JSON Schema as zod writes it for an output refuses members that are not named.
  return z.fromJSONSchema(z.toJSONSchema(schema)).pipe(schema);
}
