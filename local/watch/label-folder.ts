import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type LabelDocument, labelDocument, labelName } from '../../functions/shared/label-document.ts';
import type { Picture } from './pictures.ts';

/** The longest file name of the usual file systems, in bytes. */
const mostNameBytes = 255;

/** Label documents in a folder: `a/b.jpg` has its own in `a/b.jpg.json`. */
export class LabelFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether a document is there that was written for the picture as it is now, by the model with this digest. */
  async has({ key, size, modifiedAt }: Picture, sha256: string): Promise<boolean> {
    const document = await this.#read(key);
    if (document === undefined) return false;
    const { object, model } = document;
    return (
      object.key === key &&
      object.size === size &&
      object.modifiedAt === modifiedAt &&
      model?.sha256 === sha256
    );
  }

  /** Writes under another name first: a document is there as a whole or not at all, whenever the server ends. */
  async write(document: LabelDocument): Promise<void> {
    const path = this.#pathOf(document.object.key);
    const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(temporary, `${JSON.stringify(document, null, 2)}\n`);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async #read(key: string): Promise<LabelDocument | undefined> {
    const text = await readFile(this.#pathOf(key), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return labelDocument.parse(JSON.parse(text));
    } catch {
      // Somebody else's file, or one of an older form: it is replaced.
      return undefined;
    }
  }

  #pathOf(key: string): string {
    return join(this.#folder, dirname(key), labelName(basename(key), mostNameBytes));
  }
}
