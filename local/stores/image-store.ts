import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ImageStore, UploadForm, UploadTerms } from '../../functions/shared/ports.ts';
import { isMissing, storageFault } from './faults.ts';
import { requireRoom } from './folder.ts';
import type { FormSigner } from './form-signer.ts';
import type { ImagePath } from './image-file.ts';

/** Keys name files, so nothing else may be one. */
const validKey = /^(inline|uploads)\/[0-9a-f-]{36}$/;

/**
 * Images as files. One is written under a temporary name and renamed, so that a file that has its name is whole. It is written at
 * once: four hand-overs to other threads take longer than writing a few pieces to memory.
 */
export class LocalImageStore implements ImageStore<ImagePath> {
  readonly #folder: string;
  readonly #forms: FormSigner | undefined;

  constructor(folder: string, forms?: FormSigner) {
    this.#folder = folder;
    this.#forms = forms;
  }

  /** Makes the folders, and removes what a killed server left half written. */
  async prepare(): Promise<void> {
    await rm(join(this.#folder, 'incoming'), { recursive: true, force: true });
    this.#makeFolders();
  }

  /** @throws {Problem} `storage_full` where there is no room for an image of so many bytes. */
  requireRoom(bytes: number): void {
    requireRoom(dirname(this.#folder), bytes);
  }

  /** @throws {Problem} `storage_full`, `storage_unwritable`. */
  async put(key: string, image: Uint8Array): Promise<void> {
    const whole = () => (image.length > sliceBytes ? inSlices(image) : [image]);
    try {
      await this.#write(key, whole).catch((error: unknown) => this.#writeAgain(error, key, whole));
    } catch (error) {
      throw storageFault(error);
    }
  }

  /**
   * Stores an image as it arrives; where the source fails, nothing is stored.
   * @throws {Problem} `storage_full`, `storage_unwritable`, or what the source throws.
   */
  async putStream(key: string, image: AsyncIterable<Uint8Array>): Promise<void> {
    if (!existsSync(join(this.#folder, 'incoming'))) this.#makeFolders();
    try {
      await this.#write(key, () => image);
    } catch (error) {
      throw storageFault(error);
    }
  }

  /** Once more where the folders have gone, by somebody who cleaned up. */
  #writeAgain(
    error: unknown,
    key: string,
    image: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    if (!isMissing(error)) throw error;
    this.#makeFolders();
    return this.#write(key, image);
  }

  async #write(key: string, image: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const path = this.pathOf(key);
    const temporary = join(this.#folder, 'incoming', randomUUID());
    const file = openSync(temporary, 'wx');
    try {
      for await (const chunk of image()) writeInPieces(file, chunk);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Not those above: where the folder of all data is gone, so is the database. */
  #makeFolders(): void {
    const folders = ['incoming', 'inline', 'uploads'].map((name) => join(this.#folder, name));
    for (const folder of [this.#folder, ...folders]) if (!existsSync(folder)) mkdirSync(folder);
  }

  async get(key: string): Promise<ImagePath | undefined> {
    const path = this.pathOf(key);
    return existsSync(path) ? { path } : undefined;
  }

  async delete(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true });
  }

  async presignUpload(terms: UploadTerms): Promise<UploadForm> {
    if (this.#forms === undefined) throw new Error('This process signs no forms.');
    return this.#forms.sign(terms);
  }

  /** Deletes images last written before `time`, and what uploads that broke off have left. */
  async deleteOlderThan(time: Date): Promise<void> {
    const abandoned = new Date(Date.now() - abandonedMilliseconds);
    for (const [prefix, before] of [
      ['incoming', abandoned],
      ['inline', time],
      ['uploads', time],
    ] as const) {
      for (const name of await readdir(join(this.#folder, prefix)).catch(ignoreMissing)) {
        const path = join(this.#folder, prefix, name);
        const facts = await stat(path).catch(ignoreMissing);
        if ('mtime' in facts && facts.mtime < before) await rm(path, { force: true });
      }
    }
  }

  /** Where the image of a key lies, or would. */
  pathOf(key: string): string {
    if (!validKey.test(key)) throw new Error(`Expected an image's key but received "${key}".`);
    return join(this.#folder, key);
  }
}

/** After so much of a large image, others have their turn: writing 25 MiB takes up to a tenth of a second. */
const sliceBytes = 1024 * 1024;

async function* inSlices(image: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < image.length; at += sliceBytes) {
    yield image.subarray(at, at + sliceBytes);
    await setImmediate();
  }
}

/** Linux takes a large write into large pages, and getting those from a virtual machine's host costs 6 ms for 2.5 MB instead of 0.8. */
const pieceBytes = 16 * 1024;

function writeInPieces(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(file, bytes, at, Math.min(pieceBytes, bytes.length - at));
}

/** Longer than the server lets a request take, so that such a file is no longer being written. */
const abandonedMilliseconds = 15 * 60_000;

function ignoreMissing(error: unknown): [] {
  if (!isMissing(error)) throw error;
  return [];
}
