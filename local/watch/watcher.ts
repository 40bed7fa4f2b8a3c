import { type FSWatcher, watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageClassifier } from '../../functions/classify/process-image.ts';
import type { LabelDocument } from '../../functions/shared/label-document.ts';
import type { Telemetry } from '../../functions/shared/ports.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import type { ImagePath } from '../stores/image-file.ts';
import { mostTries, withTries } from '../workers/tries.ts';
import { WorkerGone } from '../workers/worker-process.ts';
import { LabelFolder } from './label-folder.ts';
import { findPictures, type Picture } from './pictures.ts';

export interface WatchOptions {
  /** The folder whose pictures are labelled. */
  readonly folder: string;
  /** Where their labels go. */
  readonly labels: string;
  readonly classifier: ImageClassifier<ImagePath>;
  /** How many pictures are classified at once. */
  readonly concurrency: number;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
  /** Told of each picture that was looked at: whether it was new, and whether it has labels. */
  readonly onOutcome?: (outcome: PictureOutcome) => void;
  /** The longest time between two looks at the whole folder, in milliseconds. */
  readonly lookMilliseconds?: number;
  /** How long a file must have been left alone, in milliseconds: a younger one may still be written. */
  readonly settleMilliseconds?: number;
}

export type PictureOutcome = 'labelled' | 'failed' | 'unchanged' | 'later';

/** Labels every picture that is in a folder and below now, and returns. */
export async function labelFolder(options: WatchOptions): Promise<void> {
  await new WatchedFolder(options, 0).look();
}

/**
 * Labels every picture in a folder and below, those that are there and those that come, until `signal` aborts. A picture is labelled once for
 * each content that it has; its label document says which, so a server that was stopped or killed goes on where it was. Whole looks at
 * the folder find everything; the system's notifications only bring the next look forward.
 */
export async function watchFolder(options: WatchOptions): Promise<void> {
  const { lookMilliseconds = 60_000, settleMilliseconds = 1000, telemetry, signal } = options;
  const watched = new WatchedFolder(options, settleMilliseconds);
  const { wake, close } = notifications(options.folder, telemetry);
  while (!signal.aborted) {
    const { isUnsettled } = await watched.look().catch((error: unknown) => {
      telemetry.error('the watched folder cannot be read', error);
      return { isUnsettled: false };
    });
    const pause = isUnsettled ? settleMilliseconds : lookMilliseconds;
    await Promise.race([wake(), sleep(pause, undefined, { signal }).catch(() => {})]);
    // Files that come together are found together.
    await sleep(gatherMilliseconds, undefined, { signal }).catch(() => {});
  }
  close();
}

const gatherMilliseconds = 100;

/** Tells when something has changed below a folder. Systems that cannot tell (some network drives) leave it to the regular looks. */
function notifications(folder: string, telemetry: Telemetry) {
  let woken = Promise.withResolvers<void>();
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, { recursive: true, persistent: false }, () => woken.resolve());
    watcher.on('error', (error) =>
      telemetry.warn('changes are found by looking only', { cause: String(error) }),
    );
  } catch (error) {
    telemetry.warn('changes are found by looking only', { cause: String(error) });
  }
  const wake = async () => {
    await woken.promise;
    woken = Promise.withResolvers<void>();
  };
  return { wake, close: () => watcher?.close() };
}

class WatchedFolder {
  readonly #options: WatchOptions;
  readonly #settleMilliseconds: number;
  readonly #labels: LabelFolder;
  /** What each picture was when it was labelled last, by key. */
  #known = new Map<string, string>();

  constructor(options: WatchOptions, settleMilliseconds: number) {
    this.#options = options;
    this.#settleMilliseconds = settleMilliseconds;
    this.#labels = new LabelFolder(options.labels);
  }

  /** Labels what is new. `isUnsettled` says that some pictures are too young to be read yet. */
  async look(): Promise<{ isUnsettled: boolean }> {
    const { folder, signal, concurrency } = this.#options;
    const seen = new Map<string, string>();
    const underWay = new Set<Promise<void>>();
    let isUnsettled = false;
    for await (const picture of findPictures(folder)) {
      if (signal.aborted) break;
      const content = `${picture.size} ${picture.modifiedAt}`;
      if (this.#known.get(picture.key) === content) seen.set(picture.key, content);
      else if (Math.abs(Date.now() - picture.changedAt) < this.#settleMilliseconds) isUnsettled = true;
      else {
        const labelling = this.#label(picture).then((outcome) => {
          if (outcome !== 'later') seen.set(picture.key, content);
          this.#options.onOutcome?.(outcome);
        });
        underWay.add(labelling);
        void labelling.finally(() => underWay.delete(labelling));
        if (underWay.size >= concurrency) await Promise.race(underWay);
      }
    }
    await Promise.all(underWay);
    // Pictures that are gone are forgotten.
    if (!signal.aborted) this.#known = seen;
    return { isUnsettled };
  }

  async #label(picture: Picture): Promise<PictureOutcome> {
    const { classifier, telemetry } = this.#options;
    try {
      if (await this.#labels.has(picture, classifier.model.sha256)) return 'unchanged';
      const document = await this.#classify(picture);
      await this.#labels.write(document);
      const outcome = document.error?.code ?? document.predictions?.[0]?.label;
      telemetry.info('picture labelled', { file: picture.key, outcome });
      return document.error === undefined ? 'labelled' : 'failed';
    } catch (error) {
      // Deleted or moved meanwhile, not readable, or the disk is full: the next look tries again.
      const isGone = error instanceof Error && /ENOENT/.test(error.message);
      if (!isGone) telemetry.error(`${picture.key} is not labelled yet`, error);
      return 'later';
    }
  }

  async #classify(picture: Picture): Promise<LabelDocument> {
    const { classifier } = this.#options;
    const { key, size, modifiedAt, path } = picture;
    const document = { object: { key, size, modifiedAt }, model: classifier.model };
    try {
      const { image, predictions, timings } = await withTries(() => classifier.classify({ path }));
      return { ...document, labelledAt: new Date().toISOString(), image, predictions, timings };
    } catch (error) {
      return { ...document, labelledAt: new Date().toISOString(), error: toJobError(error) };
    }
  }
}

/** @throws what is no fault of the picture. */
function toJobError(error: unknown): { code: string; detail: string } {
  if (error instanceof ImageError) return { code: error.code, detail: error.message };
  if (error instanceof WorkerGone)
    return { code: 'gave_up', detail: `The image ended ${mostTries} worker processes: ${error.message}` };
  throw error;
}
