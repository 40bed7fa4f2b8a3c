import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after } from '../../functions/shared/job.ts';
import { limits } from '../../functions/shared/limits.ts';
import { log } from '../log.ts';
import type { LocalSettings } from '../settings.ts';
import { type Clock, monotonicClock } from './clock.ts';
import { Database } from './database.ts';
import { isMissing } from './faults.ts';
import { makeFolder } from './folder.ts';
import { FormSigner } from './form-signer.ts';
import { LocalImageStore } from './image-store.ts';
import { LocalJobQueue } from './job-queue.ts';
import { LocalJobStore } from './job-store.ts';

/** Everything that is kept in `DATA_DIR`. */
export interface Stores {
  readonly jobs: LocalJobStore;
  readonly images: LocalImageStore;
  readonly queue: LocalJobQueue;
  readonly deadLetters: LocalJobQueue;
  readonly forms: FormSigner;
  /** Where images stand, for the worker processes. */
  readonly imageDir: string;
  /** Begins a request's writes; what it returns keeps them, and is to be called before the client is told of them. */
  begin(): () => void;
  /** Why nothing can be written now; `undefined` where it can. */
  problem(): string | undefined;
  close(): Promise<void>;
}

export interface StoreSettings
  extends Pick<LocalSettings, 'dataDir' | 'visibilitySeconds' | 'retentionSeconds'> {
  /** How often a message is delivered before it goes to the dead letters. */
  readonly maxReceives?: number;
}

/**
 * Opens what is kept in `DATA_DIR`, for this process alone, and makes visible again what a server that is no more had taken.
 * @param formUrl says where an upload form posts to.
 */
export async function openStores(
  settings: StoreSettings,
  formUrl: () => string,
  clock: Clock = monotonicClock(),
): Promise<Stores> {
  const { dataDir, visibilitySeconds, maxReceives = limits.maxReceives } = settings;
  await makeFolder(dataDir);
  const database = new Database(dataDir);
  const forms = new FormSigner(await readSecret(join(dataDir, 'form-secret')), formUrl);
  const imageDir = join(dataDir, 'images');
  const images = new LocalImageStore(imageDir, forms);
  await images.prepare();
  const jobs = new LocalJobStore(database);
  const deadLetters = new LocalJobQueue(database, { name: 'dead-letters', visibilitySeconds, clock });
  const deadLetter = { queue: deadLetters, maxReceives };
  const queue = new LocalJobQueue(database, { name: 'images', visibilitySeconds, clock, deadLetter });
  queue.recover();
  deadLetters.recover();
  const sweep = setInterval(() => forgetOld(jobs, images, settings), sweepMilliseconds);
  const begin = () => database.begin();
  const problem = () => (database.isFailing ? 'The disk takes no writes.' : noRoom(images));
  return {
    ...{ jobs, images, queue, deadLetters, forms, imageDir, begin, problem },
    close: () => close(database, sweep),
  };
}

const sweepMilliseconds = 60_000;

/** What the bucket's lifecycle rule and the table's time-to-live do in AWS. Files first: on a full disk the table takes no writes. */
async function forgetOld(jobs: LocalJobStore, images: LocalImageStore, { retentionSeconds }: StoreSettings) {
  try {
    await images.deleteOlderThan(after(new Date(), -retentionSeconds));
    jobs.forgetOld(new Date());
  } catch (error) {
    log.error({ err: error }, 'old jobs and images could not be removed');
  }
}

async function close(database: Database, sweep: NodeJS.Timeout): Promise<void> {
  clearInterval(sweep);
  await database.close();
}

/** Forms outlive a restart, so their secret does too. One that is cut short, by a full disk for example, is made again. */
async function readSecret(path: string): Promise<Buffer> {
  const kept = await readFile(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return Buffer.alloc(0);
  });
  if (kept.length === FormSigner.secretBytes) return kept;
  const secret = FormSigner.newSecret();
  // Removed first, so that the mode holds for a file that somebody else has made too.
  await rm(path, { force: true });
  await writeFile(path, secret, { flag: 'wx', mode: 0o600 });
  return secret;
}

function noRoom(images: LocalImageStore): string | undefined {
  try {
    images.requireRoom(0);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
