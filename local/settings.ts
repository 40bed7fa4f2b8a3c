import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { imageLimits, limits } from '../functions/shared/limits.ts';
import { environmentName, imageReserveSeconds, serviceSettings } from '../functions/shared/settings.ts';
import { UsageError } from '../functions/shared/usage-error.ts';

const path = z.string().transform((given) => resolve(given));

/** A worker that is given less time for an image than this starts none. */
const leastWorkerSeconds = imageReserveSeconds + 1;
/** Added to a worker's time for one image before its message is delivered again: nothing else can hold it here. */
const visibilityGraceSeconds = 10;
/** What the gateway takes in a request (10 MiB), less what a form puts around an image. */
const mostInlineBytes = 10 * 2 ** 20 - 64 * 2 ** 10;

const schema = serviceSettings.extend({
  host: z.string().default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535).default(8000),
  dataDir: path.prefault('.cache/data'),
  workers: z.coerce.number().int().min(1).max(64).default(availableParallelism()),
  modelWeights: path.optional(),
  modelLabels: path.optional(),
  modelCache: path.prefault('.cache/model'),
  watch: path.optional(),
  labels: path.optional(),
  basePath: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)*$/)
    .default(''),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .transform((given) => (given.endsWith('/') ? given : `${given}/`))
    .optional(),
  workerTimeoutSeconds: z.coerce.number().min(leastWorkerSeconds).default(20),
  visibilitySeconds: z.coerce.number().positive().optional(),
  inlineImageBytes: z.coerce.number().int().positive().max(mostInlineBytes).default(limits.inlineImageBytes),
});
type Parsed = z.infer<typeof schema>;
export type LocalSettings = Parsed & { readonly visibilitySeconds: number };

/** What each setting takes, in words. */
const takes: Readonly<Record<keyof LocalSettings, string>> = {
  host: 'an address to listen on, such as 127.0.0.1 or 0.0.0.0',
  port: 'a port from 1 to 65535, or 0 for any free one',
  dataDir: 'a folder for images and jobs',
  workers: 'a number of worker processes from 1 to 64',
  modelWeights: 'a Keras weights file of MobileNetV2 (.h5)',
  modelLabels: 'a class index file (.json)',
  modelCache: 'a folder for the downloaded and the built model',
  watch: 'a folder whose pictures are labelled as they come, such as ~/Pictures/inbox; goes with LABELS',
  labels: 'a folder for the labels of the watched pictures, one JSON file each',
  basePath: 'a path to serve under, such as /vision',
  publicUrl: 'the address clients use, where a proxy hides it, such as https://labels.example/',
  workerTimeoutSeconds: `at least ${leastWorkerSeconds} seconds, which one image may take`,
  allowedOrigins: 'origins whose pages may call, with commas between, or *',
  inlineImageBytes: `up to ${mostInlineBytes} bytes, which an image sent to /predict may have`,
  uploadedImageBytes: `up to ${imageLimits.bytes} bytes, which an image sent by a form may have`,
  uploadFormSeconds: 'seconds a form is valid',
  retentionSeconds: 'seconds a job and its image are kept',
  maxTries: 'how often an image is tried',
  visibilitySeconds: 'seconds until an image nobody reports on is tried again',
  largeJpegs: 'exact, or shrink: large JPEGs are decoded faster, and scores move by up to 0.06',
};

/**
 * Reads flags (`--port 9000`) and the environment (`PORT=9000`); a flag wins.
 * @throws {UsageError} naming the variable and what it takes.
 */
export function readSettings(
  args: readonly string[],
  environment: Readonly<NodeJS.ProcessEnv>,
): LocalSettings {
  const flags = readFlags(args);
  const given = Object.keys(schema.shape).map((name) => {
    const value = flags[flagName(name)] ?? environment[environmentName(name)];
    return [name, value === '' ? undefined : value];
  });
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return withoutConflict(result.data);
  const { path: where = [] } = result.error.issues[0] ?? {};
  const name = schema.keyof().parse(where[0]);
  const value = given.find(([key]) => key === name)?.[1];
  throw new UsageError(`${environmentName(name)} takes ${takes[name]}, not "${value}".`);
}

/** Fills in what follows from other settings, and refuses what contradicts them. */
function withoutConflict(settings: Parsed): LocalSettings {
  if ((settings.watch === undefined) !== (settings.labels === undefined))
    throw new UsageError(
      'WATCH and LABELS go together: the folder of pictures, and the folder for their labels.',
    );
  const { workerTimeoutSeconds, visibilitySeconds = workerTimeoutSeconds + visibilityGraceSeconds } =
    settings;
  if (visibilitySeconds > workerTimeoutSeconds) return { ...settings, visibilitySeconds };
  const least = `longer than WORKER_TIMEOUT_SECONDS, which is ${workerTimeoutSeconds}`;
  throw new UsageError(`VISIBILITY_SECONDS must be ${least} (got "${visibilitySeconds}").`);
}

export function usage(): string {
  const lines = schema
    .keyof()
    .options.map((name) => `  --${flagName(name).padEnd(24)} ${takes[name]} (${environmentName(name)})`);
  return `npm start -- [flags]\n\n${lines.join('\n')}`;
}

function readFlags(args: readonly string[]): Readonly<Record<string, string | undefined>> {
  const names = schema.keyof().options.map((name) => [flagName(name), { type: 'string' }] as const);
  try {
    const { values } = parseArgs({ args: [...args], options: Object.fromEntries(names), strict: true });
    return z.record(z.string(), z.string()).parse(values);
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${usage()}`);
  }
}

function flagName(setting: string): string {
  return environmentName(setting).toLowerCase().replaceAll('_', '-');
}
