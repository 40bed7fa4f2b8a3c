import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after } from '../../functions/shared/job.ts';
import { limits } from '../../functions/shared/limits.ts';
import type { LocalSettings } from '../settings.ts';
import { Database } from './database.ts';
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
  /** Keeps all that was written so far; to be called before a client is told of it. */
  commit(): void;
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
export async function openStores(settings: StoreSettings, formUrl: () => string): Promise<Stores> {
  const { dataDir, visibilitySeconds, maxReceives = limits.maxReceives } = settings;
  await mkdir(dataDir, { recursive: true });
  const database = new Database(dataDir);
  const forms = new FormSigner(await readSecret(join(dataDir, 'form-secret')), formUrl);
  const imageDir = join(dataDir, 'images');
  const images = new LocalImageStore(imageDir, forms);
  await images.prepare();
  const jobs = new LocalJobStore(database);
  const deadLetters = new LocalJobQueue(database, { name: 'dead-letters', visibilitySeconds });
  const deadLetter = { queue: deadLetters, maxReceives };
  const queue = new LocalJobQueue(database, { name: 'images', visibilitySeconds, deadLetter });
  queue.recover();
  deadLetters.recover();
  const sweep = setInterval(() => forgetOld(jobs, images, settings), sweepMilliseconds);
  const commit = () => database.commit();
  return { jobs, images, queue, deadLetters, forms, imageDir, commit, close: () => close(database, sweep) };
}

const sweepMilliseconds = 60_000;

/** What the bucket's lifecycle rule and the table's time-to-live do in AWS. */
async function forgetOld(jobs: LocalJobStore, images: LocalImageStore, { retentionSeconds }: StoreSettings) {
  try {
    jobs.forgetOld(new Date());
    await images.deleteOlderThan(after(new Date(), -retentionSeconds));
  } catch (error) {
    console.error('old jobs and images could not be removed', error);
  }
}

async function close(database: Database, sweep: NodeJS.Timeout): Promise<void> {
  clearInterval(sweep);
  await database.close();
}

/** Forms outlive a restart, so their secret does too. */
async function readSecret(path: string): Promise<Buffer> {
  try {
    await writeFile(path, FormSigner.newSecret(), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFile(path);
}
