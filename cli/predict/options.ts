import { parseArgs } from 'node:util';
import * as z from 'zod';
import { limits } from '../../functions/shared/limits.ts';

/** A mistake in how the command was called; its message is all there is to say. */
export class UsageError extends Error {}

const count = z.coerce.number().int();

const schema = z.object({
  server: z.url({ protocol: /^https?$/, error: '--server takes an address such as http://127.0.0.1:8000' }),
  inProcess: z.boolean(),
  format: z.enum(['table', 'json', 'csv']),
  top: count.min(1).max(limits.keptPredictions, `--top takes a number from 1 to ${limits.keptPredictions}`),
  concurrency: count
    .min(1, '--concurrency takes a number from 1 to 64')
    .max(64, '--concurrency takes a number from 1 to 64'),
  paths: z.array(z.string()).min(1, 'Name at least one image or folder.'),
});
export type Options = z.infer<typeof schema>;

const usage = `npm run predict -- [flags] FILE_OR_FOLDER ...

  --server URL       a running service (PREDICT_SERVER), http://127.0.0.1:8000 unless said otherwise
  --in-process       no service: load the model here (MODEL_WEIGHTS, MODEL_LABELS, MODEL_CACHE as for npm start)
  --top N            labels for each image, 1 to 20; 3 unless said otherwise
  --json, --csv      write JSON or CSV instead of a table
  --concurrency N    images under way at the service at once, 1 to 64; 16 unless said otherwise`;

/** @throws {UsageError} that says what is wrong and how the command is called. */
export function readOptions(args: readonly string[], environment: Readonly<NodeJS.ProcessEnv>): Options {
  const { values, positionals } = parse(args);
  const result = schema.safeParse({
    server: values.server ?? environment.PREDICT_SERVER ?? 'http://127.0.0.1:8000',
    inProcess: values['in-process'] ?? false,
    format: values.csv ? 'csv' : values.json ? 'json' : 'table',
    top: values.top ?? limits.defaultTop,
    concurrency: values.concurrency ?? 16,
    paths: positionals,
  });
  if (result.success) return result.data;
  throw new UsageError(`${result.error.issues[0]?.message}\n\n${usage}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        server: { type: 'string' },
        'in-process': { type: 'boolean' },
        json: { type: 'boolean' },
        csv: { type: 'boolean' },
        top: { type: 'string' },
        concurrency: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
