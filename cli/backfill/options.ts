import { parseArgs } from 'node:util';
import * as z from 'zod';
import { command } from '../../functions/shared/command.ts';
import { UsageError } from '../../functions/shared/usage-error.ts';

const flags = {
  labels: { type: 'string' },
  resume: { type: 'string' },
  rate: { type: 'string' },
  sample: { type: 'string' },
  'dry-run': { type: 'boolean' },
  again: { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const usage = `Labels what is in a bucket or a folder already.

  ${command('backfill', '[flags] s3://BUCKET/PREFIX')}     by a deployed stack
  ${command('backfill', '--labels DIR FOLDER')}            on this machine
  ${command('backfill', '--resume FILE')}                  goes on with a run that was stopped

For a bucket, BUCKET_NAME and DROP_QUEUE_URL name the stack's own bucket and queue (its outputs of the same names).

  --rate N       send at most N objects a second; default: as fast as the queue takes them
  --sample N     label N objects only, the first of the listing
  --dry-run      list and count, and send nothing
  --again        label objects again that this model has labelled already
  -y, --yes      do not ask before sending
  --labels DIR   where the labels of a folder's pictures go`;

const count = (name: string) => {
  const error = `${name} must be a whole number from 1`;
  return z.coerce.number(error).int(error).min(1, error);
};

const schema = z
  .object({
    source: z.string().optional(),
    labels: z.string().min(1).optional(),
    resume: z.string().min(1).optional(),
    rate: count('--rate').optional(),
    sample: count('--sample').optional(),
    dryRun: z.boolean(),
    again: z.boolean(),
    yes: z.boolean(),
  })
  .superRefine(({ source, labels, resume }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if ((source === undefined) === (resume === undefined))
      refuse('Name one bucket or folder, or a run to go on with.');
    if (source?.startsWith('s3://') && labels !== undefined)
      refuse('--labels goes with a folder; a stack has its own place.');
    if (source !== undefined && !source.startsWith('s3://') && labels === undefined)
      refuse(`A folder needs --labels DIR. A bucket is named s3://BUCKET/PREFIX (got "${source}").`);
  });
export type BackfillOptions = z.infer<typeof schema>;

/**
 * Reads the command's flags; `undefined` where it was called for help.
 * @throws {UsageError} that says what is wrong and how the command is called.
 */
export function readOptions(args: readonly string[]): BackfillOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [source, ...more] = positionals;
  if (more.length > 0)
    throw new UsageError(`Name one bucket or folder, not ${positionals.length}.\n\n${usage}`);
  const { labels, resume, rate, sample, again = false, yes = false } = values;
  const given = { source, labels, resume, rate, sample, again, yes, dryRun: values['dry-run'] ?? false };
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new UsageError(`${result.error.issues[0]?.message}\n\n${usage}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: flags });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
