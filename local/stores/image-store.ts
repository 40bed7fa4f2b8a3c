import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageStore, UploadForm, UploadTerms } from '../../functions/shared/ports.ts';
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
    for (const name of ['incoming', 'inline', 'uploads'])
      await mkdir(join(this.#folder, name), { recursive: true });
  }

  put(key: string, image: Uint8Array): Promise<void> {
    return this.putStream(key, [image]);
  }

  /** Stores an image as it arrives; where the source fails, nothing is stored. */
  async putStream(key: string, image: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const path = this.#path(key);
    const temporary = join(this.#folder, 'incoming', randomUUID());
    const file = openSync(temporary, 'wx');
    try {
      for await (const chunk of image) writeInPieces(file, chunk);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }

  async get(key: string): Promise<ImagePath | undefined> {
    const path = this.#path(key);
    return existsSync(path) ? { path } : undefined;
  }

  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async presignUpload(terms: UploadTerms): Promise<UploadForm> {
    if (this.#forms === undefined) throw new Error('This process signs no forms.');
    return this.#forms.sign(terms);
  }

  /** Deletes images last written before `time`. */
  async deleteOlderThan(time: Date): Promise<void> {
    for (const prefix of ['inline', 'uploads']) {
      for (const name of await readdir(join(this.#folder, prefix))) {
        const path = join(this.#folder, prefix, name);
        const facts = await stat(path).catch(ignoreMissing);
        if (facts && facts.mtime < time) await rm(path, { force: true });
      }
    }
  }

  #path(key: string): string {
    if (!validKey.test(key)) throw new Error(`Expected an image's key but received "${key}".`);
    return join(this.#folder, key);
  }
}

/** Linux takes a large write into large pages, and getting those from a virtual machine's host costs 6 ms for 2.5 MB instead of 0.8. */
const pieceBytes = 16 * 1024;

function writeInPieces(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(file, bytes, at, Math.min(pieceBytes, bytes.length - at));
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
