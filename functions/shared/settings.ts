import * as z from 'zod';
import { imageLimits, limits } from './limits.ts';

const positive = z.coerce.number().int().positive();

/**
 * How JPEGs are decoded that are several times as large as the network's input: in full, or shrunk by libjpeg while it decodes them, which
 * is faster, and moves scores (docs/decisions/shrink-on-load.md).
 */
export const largeJpegs = z.enum(['exact', 'shrink']);

/** What an operator may change of the service's behaviour, by environment variables, and what holds where nothing is said. */
export const serviceSettings = z.object({
  allowedOrigins: z
    .string()
    .default('*')
    .transform((list) => list.split(',').map((origin) => origin.trim())),
  inlineImageBytes: positive.max(imageLimits.bytes).default(limits.inlineImageBytes),
  uploadedImageBytes: positive.max(imageLimits.bytes).default(limits.uploadedImageBytes),
  uploadFormSeconds: positive.default(limits.uploadFormSeconds),
  retentionSeconds: positive.default(limits.retentionSeconds),
  /** How often an image is tried. */
  maxTries: positive.default(limits.maxTries),
  /** How long a message stays hidden while it is worked on. */
  visibilitySeconds: positive.default(limits.visibilitySeconds),
  largeJpegs: largeJpegs.default('exact'),
});
export type ServiceSettings = z.infer<typeof serviceSettings>;

/** The settings as environment variables name them: `retentionSeconds` is `RETENTION_SECONDS`. */
export function environmentName(setting: string): string {
  return setting.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/**
 * Reads settings from the environment.
 * @throws {Error} naming each variable that is missing or wrong, and what it takes.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<z.ZodObject<Shape>> {
  const values = Object.keys(schema.shape).map((name) => [
    name,
    environment[environmentName(name)] || undefined,
  ]);
  const result = schema.safeParse(Object.fromEntries(values));
  if (result.success) return result.data;
  const issues = result.error.issues.map(
    ({ path, message }) => `${environmentName(String(path[0]))}: ${message}`,
  );
  throw new Error(issues.join('\n'));
}

/** The settings that say how long a job may take. */
export type DeliverySettings = Pick<ServiceSettings, 'maxTries' | 'visibilitySeconds'> & {
  /** How long an image may wait for its turn before that counts; none where enough workers are started for all. */
  readonly queueSeconds?: number;
};

/**
 * How long after it was queued, or after its last try began, a job may take before it reads as lost: every try may end with
 * the process and wait for its visibility timeout, and an outage of the dependencies may come on top.
 */
export function processingSeconds({
  maxTries,
  visibilitySeconds,
  queueSeconds = 0,
}: DeliverySettings): number {
  const { outageSeconds, longestRetrySeconds, deadlineGraceSeconds } = limits;
  const seconds = queueSeconds + maxTries * visibilitySeconds;
  return seconds + outageSeconds + longestRetrySeconds + deadlineGraceSeconds;
}

/**
 * How long an image may take at worst: its decoding, and two seconds to fetch it, run the network and write the result. No
 * image is started in less time than this.
 */
export const imageReserveSeconds = limits.decodeSeconds + 2;
