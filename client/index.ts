/**
 * The typed client that the package exports: `createApi` makes calls as OpenAPI describes them, `submitImage` and `predictImage` send an
 * image the way its size asks for.
 */
export * from './client.ts';
export { Failure, toFailure } from './failure.ts';
export type { paths } from './schema.ts';
export * from './submit.ts';
