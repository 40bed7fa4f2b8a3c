import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { command } from '../functions/shared/command.ts';
import { imageLimits } from '../functions/shared/limits.ts';
import { environmentName, imageReserveSeconds, serviceSettings } from '../functions/shared/settings.ts';
import { UsageError } from '../functions/shared/usage-error.ts';
import { modelSettings, modelSettingsTake } from '../layers/model/build/environment.ts';
import { folders } from './folders.ts';
import { logFormats, logLevels } from './log.ts';
import { nearest } from './nearest.ts';

const path = z.string().transform((given) => resolve(given));

/** A worker that is given less time for an image than this starts none. */
const leastWorkerSeconds = imageReserveSeconds + 1;
/** Added to a worker's time for one image before its message is delivered again: nothing else can hold it here. */
const visibilityGraceSeconds = 10;
/** Here nothing limits a request but the memory it takes: what a form takes, /predict takes too. */
const mostInlineBytes = imageLimits.bytes;

/** A list with commas between; spaces and empty entries are of no account. */
const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  )
  .prefault('');

const schema = serviceSettings.extend({
  host: z.string().default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535).default(8000),
  dataDir: path.prefault(folders.data),
  workers: z.coerce.number().int().min(1).max(64).optional(),
  ...modelSettings,
  modelCache: path.prefault(folders.model),
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
  workerProcessorSeconds: z.coerce.number().positive().default(5),
  inlineImageBytes: z.coerce.number().int().positive().max(mostInlineBytes).default(mostInlineBytes),
  allowedOrigins: list,
  allowedHosts: list,
  apiKey: z
    .string()
    .regex(/^[\x21-\x7e]{8,}$/)
    .optional(),
  maxWaiting: z.coerce.number().int().min(1).default(256),
  queueSeconds: z.coerce.number().min(0).default(3600),
  logFormat: z.enum(logFormats).default('plain'),
  logLevel: z.enum(logLevels).default('info'),
  accessLog: z.enum(['off', 'on']).default('off'),
  metrics: z
    .string()
    .regex(/^(public|off|(\[[\da-f:.]+\]|[\w.-]+):\d{1,5})$/i)
    .default('public'),
});
type Parsed = z.infer<typeof schema>;
export type LocalSettings = Parsed & { readonly visibilitySeconds: number };

/** What each setting takes, in words. */
const takes: Readonly<Record<keyof LocalSettings, string>> = {
  host: 'an address to listen on, such as 127.0.0.1 or 0.0.0.0',
  port: 'a port from 1 to 65535, or 0 for any free one',
  dataDir: 'a folder for images and jobs',
  workers: 'a number of worker processes from 1 to 64',
  ...modelSettingsTake,
  modelCache: 'a folder for the downloaded and the built model',
  watch: 'a folder whose pictures are labelled as they come, such as ~/Pictures/inbox; goes with LABELS',
  labels: 'a folder for the labels of the watched pictures, one JSON file each',
  basePath: 'a path to serve under, such as /vision',
  publicUrl: 'the address clients use, where a proxy hides it, such as https://labels.example/',
  workerTimeoutSeconds: `at least ${leastWorkerSeconds} seconds, which one image may take`,
  workerProcessorSeconds: 'seconds of processor time one image may take',
  allowedOrigins: 'origins whose pages may call, with commas between, or *',
  allowedHosts: 'names this server may be called by, with commas between, or *',
  apiKey: 'a key of at least 8 characters that every request must carry',
  maxWaiting: 'how many requests may wait for their labels at once',
  queueSeconds: 'seconds an image may wait for its turn',
  logFormat: 'plain, or json: a line for programs, on standard error',
  logLevel: `what is logged at least: ${logLevels.join(', ')}`,
  accessLog: 'on: a line for each request, with its time, status and job; or off',
  metrics: 'public: GET /metrics beside the API; off; or an address of their own, such as 127.0.0.1:9100',
  inlineImageBytes: `up to ${mostInlineBytes} bytes, which an image sent to /predict may have`,
  uploadedImageBytes: `up to ${imageLimits.bytes} bytes, which an image sent by a form may have`,
  uploadFormSeconds: 'seconds a form is valid',
  retentionSeconds: 'seconds a job and its image are kept',
  maxTries: 'how often an image is tried',
  visibilitySeconds: 'seconds until an image without a result is tried again',
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
  const defaults: Readonly<Record<string, unknown>> = schema.parse({});
  const lines = schema.keyof().options.map((name) => {
    const value = defaults[name];
    const said = value === undefined ? whenAbsent[name] : Array.isArray(value) ? value.join() : value;
    const isUnsaid = said === undefined || said === '';
    const more = [environmentName(name), ...(isUnsaid ? [] : [`default: ${said}`])].join(', ');
    return `  --${flagName(name).padEnd(24)} ${takes[name]} (${more})`;
  });
  return `${command('serve', '[flags]')}\n\n${lines.join('\n')}`;
}

/** Settings that may have a value for each model: their flags may be repeated, which stands for commas. */
const repeatable: ReadonlySet<string> = new Set(['model', 'modelFile', 'modelOutput', 'modelLabels']);

/** What holds for settings whose default is none by itself. */
const whenAbsent: Readonly<Record<string, string>> = {
  modelWeights: 'downloaded',
  modelLabels: 'downloaded',
  visibilitySeconds: `WORKER_TIMEOUT_SECONDS and ${visibilityGraceSeconds}`,
};

/** Variables that other programs read, and whose names are near to a setting's: Vite's MODE is no misspelt MODEL. */
const otherPrograms = new Set(['MODE']);

/**
 * Environment variables that are no settings but nearly are, in words for the log: a setting that is misspelt would be passed over in
 * silence.
 */
export function misspeltSettings(environment: Readonly<NodeJS.ProcessEnv>): string[] {
  const names = schema.keyof().options.map(environmentName);
  return Object.keys(environment).flatMap((given) => {
    if (names.includes(given) || otherPrograms.has(given)) return [];
    const meant = nearest(given.toUpperCase().replaceAll('-', '_'), names);
    return meant === undefined ? [] : [`${given} is no setting. Did you mean ${meant}?`];
  });
}

/** Whether only programs of this machine reach a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}

function readFlags(args: readonly string[]): Readonly<Record<string, string | undefined>> {
  const names = schema
    .keyof()
    .options.map((name) => [flagName(name), { type: 'string', multiple: repeatable.has(name) }] as const);
  try {
    const { values } = parseArgs({ args: [...args], options: Object.fromEntries(names), strict: true });
    return z.record(z.string(), z.union([z.string(), z.array(z.string()).transform(String)])).parse(values);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const given = /'--([\w-]+)/.exec(message)?.[1] ?? '';
    const meant = nearest(given, Object.keys(Object.fromEntries(names)));
    throw new UsageError(`${message}${meant === undefined ? '' : ` Did you mean --${meant}?`}\n\n${usage()}`);
  }
}

function flagName(setting: string): string {
  return environmentName(setting).toLowerCase().replaceAll('_', '-');
}
