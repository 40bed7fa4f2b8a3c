import type { Construct } from 'constructs';
import * as z from 'zod';
import { limits } from '../functions/shared/limits.ts';
import { imageReserveSeconds, largeJpegs } from '../functions/shared/settings.ts';
import { lambdaNeeds, type MeasuredNeeds, mostMemoryMb, mostSeconds } from './model-needs.ts';
import { withoutPipes } from './regions.ts';

/** A number from `cdk.json`, or a text from `-c name=value`. */
const count = z.coerce.number().int().positive();
/** `cdk.json` says true or false, `-c name=value` says "true" or "false", or "on" or "off". */
const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true', 'on'], falsy: ['false', 'off'] })], {
  error: 'takes true or false',
});
const originMessage = 'takes * or origins such as https://example.org, separated by commas';
const origin = z
  .string()
  .refine((value) => value === '*' || /^https?:\/\/[^/]+$/.test(value), { error: originMessage });
const origins = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value),
  z.array(origin).min(1),
);
/** A bucket that exists already, and the start of the keys that are labelled in it. */
export interface Source {
  readonly bucket: string;
  readonly prefix: string;
}

const sourceMessage = 'takes buckets with or without a prefix, such as photos/2026/, separated by commas';
const listed = (value: unknown) =>
  typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const source = z
  .string()
  .regex(/^(?:s3:\/\/)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/.*)?$/, { error: sourceMessage })
  .transform((text): Source => {
    const [bucket = '', ...prefix] = text.replace(/^s3:\/\//, '').split('/');
    return { bucket, prefix: prefix.join('/') };
  });
const sources = z.preprocess(listed, z.array(source));
const keyArns = z.preprocess(
  listed,
  z.array(
    z.string().regex(/^arn:aws[a-z-]*:kms:[^:]+:\d{12}:key\/.+$/, {
      error: 'takes ARNs of KMS keys, separated by commas',
    }),
  ),
);

/** What CloudWatch Logs takes, in days: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const logRetentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365] as const;

/** The handler starts no image in less time than the reserve; three seconds more let it start the first of a batch. */
const leastClassifySeconds = imageReserveSeconds + 3;

/** What `cdk.json` (or `-c name=value`) may set. Sizes in bytes, memory in MB, times in the unit that the name ends with. */
const contextSettings = z.strictObject({
  /** Begins the names of everything that has one. */
  stackName: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,22}[a-z0-9]$/, 'takes 2 to 24 lower-case letters, digits and hyphens')
    .default('label-on-upload'),
  /** How the classify function is deployed. */
  packaging: z.enum(['container', 'zip']).default('container'),
  architecture: z.enum(['arm64', 'x86-64']).default('arm64'),
  /** A model of your own, as `MODEL` takes it. Without it the stack has the model that `npm run build` laid. */
  model: z.string().min(1).optional(),
  /** Where the classify function finds the model when neither its image nor a layer brings it: emulators. */
  modelDir: z.string().min(1).optional(),

  /** Who may call: everybody, AWS identities, or holders of an API key. */
  auth: z.enum(['none', 'iam', 'key']).default('none'),
  /** Requests that one API key may make a day. */
  keyRequestsPerDay: count.default(10_000),
  allowedOrigins: origins.default(['*']),
  /** Where upload forms go, for the page's policy, when that is not the bucket's own address: emulators. */
  uploadOrigin: origin.optional(),
  streaming: flag.default(true),
  events: flag.default(false),

  /** Whether the table and the bucket stay when the stack is deleted. */
  keepData: flag.default(false),
  /** Whether the table can be restored to any second of its last 35 days. */
  pointInTimeRecovery: flag.default(false),
  retentionSeconds: count.default(limits.retentionSeconds),
  inlineImageBytes: count.max(limits.inlineImageBytes).default(limits.inlineImageBytes),
  uploadedImageBytes: count.max(limits.uploadedImageBytes).default(limits.uploadedImageBytes),
  /** A form is signed with the credentials of the function's role, which last for an hour at least. */
  uploadFormSeconds: count.max(3600).default(limits.uploadFormSeconds),

  largeJpegs: largeJpegs.default('exact'),
  /** This, the time-out and the visibility follow from the model where they are not set. */
  classifyMemoryMb: count.min(512).max(mostMemoryMb).optional(),
  httpMemoryMb: count.min(256).max(10_240).default(512),
  classifyTimeoutSeconds: count.min(leastClassifySeconds).max(mostSeconds).optional(),
  visibilitySeconds: count.max(43_200).optional(),
  maxTries: count.max(100).default(limits.maxTries),
  batchSize: count.max(10).default(5),
  /** How many classify functions the queue may run at once. */
  maxConcurrency: count.min(2).max(1000).default(50),

  /** Whether objects under `drop/` of the service's bucket, and those of `sources`, are labelled. */
  drops: flag.default(true),
  /** Buckets that exist already, each with a prefix or without: `photos/2026/,scans`. */
  sources: sources.default([]),
  /** The keys that objects of the sources are encrypted with, where those are the customer's own. */
  sourceKeys: keyArns.default([]),
  /** What becomes of objects whose names are not those of images. */
  otherFiles: z.enum(['skip', 'report']).default('skip'),
  /** How many label functions the drop queue may run at once. */
  dropConcurrency: count.min(2).max(1000).default(20),

  /** Whether new versions get traffic step by step. A first stack has nothing to move traffic from. */
  gradualReleases: flag.default(false),
  /** Calls of upload, and of classify, that are kept started: no cold start, at a price by the hour. */
  provisionedUpload: count.optional(),
  provisionedClassify: count.optional(),
  /** Whether Lambda keeps concurrency for the functions and caps them. Off where the account's quota is small. */
  reservedConcurrency: flag.default(true),
  /** Requests that may wait for their labels at once: this many at POST /predict, and as many at GET /status. */
  maxWaits: count.max(1000).default(100),
  /** Event streams that may be open at once. */
  maxStreams: count.max(1000).default(100),

  /** Of each method of the API, in requests a second, and how many may come at once. */
  requestsPerSecond: count.default(50),
  requestBurst: count.default(100),
  /** Of POST /predict, GET /status/{id} and GET /status/{id}/events, where they shall differ. */
  predictPerSecond: count.optional(),
  statusPerSecond: count.optional(),
  streamsPerSecond: count.optional(),
  /** Requests from one address in five minutes before the firewall refuses it; without it there is no firewall. */
  firewallRequests: count.min(10).max(2_000_000_000).optional(),

  logRetentionDays: z.coerce
    .number()
    .refine((days) => logRetentionDays.some((known) => known === days), {
      error: `takes one of ${logRetentionDays.join(', ')}`,
    })
    .default(30),
  /** Sends a picture every five minutes and checks the answer. */
  canary: flag.default(false),
  alarmEmail: z.email().optional(),
  /** Where docs/operations.md can be read, for the alarms' links; found from git where it is not set. */
  runbookUrl: z.url({ protocol: /^https$/ }).optional(),
});

/** The settings with what follows from the model. */
export type StackSettings = ReturnType<typeof withNeeds>;

function withNeeds(settings: z.output<typeof contextSettings>, needs: MeasuredNeeds | undefined) {
  const { memoryMb, classifySeconds, labelSeconds } = lambdaNeeds(needs, settings.batchSize);
  const { classifyMemoryMb = memoryMb, classifyTimeoutSeconds = classifySeconds } = settings;
  const { visibilitySeconds = Math.max(limits.visibilitySeconds, 6 * classifyTimeoutSeconds) } = settings;
  return {
    ...settings,
    ...{ classifyMemoryMb, classifyTimeoutSeconds, visibilitySeconds, labelTimeoutSeconds: labelSeconds },
  };
}

const stackSettings = (needs: MeasuredNeeds | undefined) =>
  contextSettings
    .transform((settings) => withNeeds(settings, needs))
    .superRefine((settings, context) => {
      for (const [name, message] of conflicts(settings)) {
        context.addIssue({ code: 'custom', path: [name], message });
      }
    });

function* conflicts(settings: StackSettings): Generator<[string, string]> {
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-eventsource
  const least = 6 * settings.classifyTimeoutSeconds;
  if (settings.visibilitySeconds < least) {
    yield ['visibilitySeconds', `takes at least ${least}, six times classifyTimeoutSeconds`];
  }
  if (settings.requestBurst < settings.requestsPerSecond) {
    yield ['requestBurst', `takes at least requestsPerSecond, ${settings.requestsPerSecond}`];
  }
  if (settings.retentionSeconds < settings.uploadFormSeconds + limits.uploadGraceSeconds) {
    yield [
      'retentionSeconds',
      'takes at least uploadFormSeconds and an hour: jobs outlive their upload form',
    ];
  }
  if (!settings.drops && settings.sources.length > 0) {
    yield ['sources', 'goes with drops=true'];
  }
  const own = settings.sources.find((source) => source.bucket.startsWith(`${settings.stackName}-images-`));
  if (own !== undefined) {
    yield [
      'sources',
      `does not take ${own.bucket}, the service's own bucket: what is under drop/ is labelled anyway`,
    ];
  }
  const provisioned = [
    ['provisionedUpload', settings.provisionedUpload, 'maxWaits', settings.maxWaits],
    ['provisionedClassify', settings.provisionedClassify, 'maxConcurrency', settings.maxConcurrency],
  ] as const;
  for (const [name, count = 0, cap, most] of provisioned) {
    if (settings.reservedConcurrency && count > most) yield [name, `takes at most ${cap}, ${most}`];
  }
  if (settings.canary && settings.auth !== 'none') {
    yield ['canary', 'goes with auth=none: it has no credentials to sign requests with'];
  }
  if (settings.modelDir !== undefined && settings.packaging === 'container') {
    yield ['modelDir', 'goes with packaging=zip: the container image brings its model'];
  }
}

/** Settings are written in camel case; whatever else stands in a context is CDK's own. */
const settingName = /^[a-z][A-Za-z]*$/;

interface Surroundings {
  /** Where they are to be deployed, if that is known. */
  readonly region?: string | undefined;
  /** What the model was measured to need, where it is one of your own. */
  readonly needs?: MeasuredNeeds | undefined;
}

/**
 * Reads the settings from the CDK context.
 * @throws {Error} with one line for each setting that is unknown or wrong, which says what it takes.
 */
export function readSettings(
  scope: Construct,
  { region = process.env.CDK_DEFAULT_REGION, needs }: Surroundings = {},
): StackSettings {
  const context: unknown = scope.node.getAllContext();
  const entries = Object.entries(z.record(z.string(), z.unknown()).parse(context));
  const given = entries.filter(([name, value]) => settingName.test(name) && value !== '');
  const result = stackSettings(needs).safeParse(Object.fromEntries(given));
  if (result.success) return checkRegion(result.data, region);
  throw new Error(result.error.issues.map(describe).join('\n'));
}

/** @throws {Error} where the region lacks what the settings ask for. `cdk` says in `CDK_DEFAULT_REGION` where it will deploy. */
function checkRegion(settings: StackSettings, region: string | undefined): StackSettings {
  if (!settings.events || !withoutPipes.some((name) => name === region)) return settings;
  throw new Error(
    `events: there are no EventBridge Pipes in ${region}, and the pipe announces the jobs. Poll there.`,
  );
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: no such setting`;
  return `${String(issue.path[0])}: ${issue.message}`;
}
