import { parseArgs } from 'node:util';
import * as z from 'zod';
import { command } from '../../functions/shared/command.ts';
import { limits } from '../../functions/shared/limits.ts';
import { largeJpegs } from '../../functions/shared/settings.ts';
import { UsageError } from '../../functions/shared/usage-error.ts';

const flags = {
  server: { type: 'string' },
  'api-key': { type: 'string' },
  'in-process': { type: 'boolean' },
  workers: { type: 'string' },
  model: { type: 'string', multiple: true },
  top: { type: 'string' },
  'min-score': { type: 'string' },
  json: { type: 'boolean' },
  jsonl: { type: 'boolean' },
  csv: { type: 'boolean' },
  output: { type: 'string', short: 'o' },
  resume: { type: 'boolean' },
  null: { type: 'boolean', short: '0' },
  hidden: { type: 'boolean' },
  concurrency: { type: 'string' },
  'large-jpegs': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const usage = `Labels images: the best labels of each file, on standard output or in a file.

  ${command('predict', '[flags] FILE_OR_FOLDER ...')}
  find photos -name '*.jpg' -print0 | ${command('predict', '-0 -')}

Where
  (default)          here, on every core; no server is needed
  --server URL       by a running service, such as http://127.0.0.1:8000 (or PREDICT_SERVER)
  --api-key KEY      the service's key (or PREDICT_API_KEY, which others on this machine do not see)
  --in-process       here, even where PREDICT_SERVER is set
  --model PATH       your own model, here; several as name=path, and each labels every file (or MODEL)
  --model NAME       with --server: one of the service's models, or several with commas between
  --workers N        processes to use here, 1 to 64; default: one for each core (or WORKERS)
  --concurrency N    images under way at the service at once, 1 to 64; default: 16

What
  -                  read file names from standard input, one on each line
  -0, --null         names on standard input end in a NUL byte
  --hidden           look into hidden folders too
  --top N            labels for each image, 1 to ${limits.keptPredictions}; default: ${limits.defaultTop}
  --min-score S      leave out labels with a lower score, 0 to 1; default: 0
  --large-jpegs HOW  here: exact (default), or shrink: faster, scores move by up to 0.06 (or LARGE_JPEGS)

Output
  --json             a JSON array
  --jsonl            a JSON object on each line
  --csv              a table for spreadsheets
  -o, --output FILE  write to FILE; the format follows its name unless a flag says otherwise
  --resume           go on where FILE ends: files that it names are not classified again

The exit status is 0 if every file has labels, 1 if some have none, 2 if the command is wrong.`;

const countFrom = (name: string, least: number, most: number) => {
  const error = `${name} must be a whole number from ${least} to ${most}`;
  return z.coerce.number(error).int(error).min(least, error).max(most, error);
};
const scoreError = '--min-score must be a number from 0 to 1';

const schema = z
  .object({
    /** Address of a running service; without one, images are classified here. */
    server: z
      .url({ protocol: /^https?$/, error: '--server must be an address such as http://127.0.0.1:8000' })
      .optional(),
    apiKey: z
      .string()
      .regex(/^[\x21-\x7e]+$/, '--api-key must be a key of printable characters without spaces')
      .optional(),
    workers: countFrom('--workers', 1, 64).optional(),
    /** Here as `MODEL` says it; of a service, what its models are called by, with commas between. */
    model: z.string().optional(),
    concurrency: countFrom('--concurrency', 1, 64),
    format: z.enum(['table', 'json', 'jsonl', 'csv']),
    top: countFrom('--top', 1, limits.keptPredictions),
    minScore: z.coerce.number(scoreError).min(0, scoreError).max(1, scoreError),
    largeJpegs: z.enum(largeJpegs.options, '--large-jpegs must be exact or shrink'),
    output: z.string().min(1, '--output must name a file').optional(),
    resume: z.boolean(),
    nulSeparated: z.boolean(),
    hidden: z.boolean(),
    paths: z.array(z.string()).min(1, 'Name at least one image or folder, or - for standard input.'),
  })
  .superRefine(({ resume, output, format, nulSeparated, paths }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (resume && output === undefined) refuse('--resume needs --output FILE');
    if (resume && format === 'table') refuse('--resume needs --json, --jsonl or --csv');
    if (nulSeparated && !paths.includes('-')) refuse('-0 needs - among the files, for standard input');
  });
export type Options = z.infer<typeof schema>;

/**
 * Reads the command's flags; `undefined` where it was called for help.
 * @throws {UsageError} that says what is wrong and how the command is called.
 */
export function readOptions(
  args: readonly string[],
  environment: Readonly<NodeJS.ProcessEnv>,
): Options | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const result = schema.safeParse({
    server: values['in-process'] ? undefined : (values.server ?? (environment.PREDICT_SERVER || undefined)),
    apiKey: values['api-key'] ?? (environment.PREDICT_API_KEY || undefined),
    workers: values.workers ?? (environment.WORKERS || undefined),
    model: values.model?.join(),
    concurrency: values.concurrency ?? 16,
    format: formatOf(values),
    top: values.top ?? limits.defaultTop,
    minScore: values['min-score'] ?? 0,
    largeJpegs: values['large-jpegs'] ?? (environment.LARGE_JPEGS || 'exact'),
    output: values.output,
    resume: values.resume ?? false,
    nulSeparated: values.null ?? false,
    hidden: values.hidden ?? false,
    paths: positionals,
  });
  if (result.success) return result.data;
  throw new UsageError(`${result.error.issues[0]?.message}\n\n${usage}`);
}

/** The format that a flag names, else the one that the output file's name ends with. */
function formatOf(values: ReturnType<typeof parse>['values']): string {
  const formats = ['json', 'jsonl', 'csv'] as const;
  const named = formats.filter((format) => values[format]);
  if (named.length > 1) throw new UsageError(`Choose one of --json, --jsonl and --csv.\n\n${usage}`);
  const byName = formats.find((format) => values.output?.toLowerCase().endsWith(`.${format}`));
  return named[0] ?? byName ?? 'table';
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: flags });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
