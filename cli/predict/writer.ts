import { once } from 'node:events';
import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { UsageError } from '../../functions/shared/usage-error.ts';

/** Text is gathered up to so many characters and milliseconds: to write each line takes longer than to make it. */
const mostGathered = 32 * 1024;
const longestWait = 100;

/** What results are written to. */
interface Target {
  /** Writes all of it, or throws. Resolves when more may come. */
  readonly put: (text: string) => Promise<void> | undefined;
  readonly close: () => void;
  /** Whether a person reads along, who sees each line at once. */
  readonly isTerminal: boolean;
}

/** Where results go. A slow reader at the other end is waited for. */
export class Writer {
  readonly #target: Target;
  #gathered = '';
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;
  #isClosed = false;

  private constructor(target: Target) {
    this.#target = target;
  }

  static toStandardOutput(): Writer {
    const { stdout } = process;
    const put = (text: string) => (stdout.write(text) ? undefined : once(stdout, 'drain').then(() => {}));
    return new Writer({ put, close: () => {}, isTerminal: stdout.isTTY === true });
  }

  /**
   * Writes to a file, behind its first `bytes` bytes: whatever else it holds goes.
   * @throws {UsageError} where it cannot be opened.
   */
  static toFile(path: string, bytes: number): Writer {
    const file = openAt(path, bytes);
    const put = (text: string) => {
      try {
        writeFileSync(file, text);
        return undefined;
      } catch (error) {
        throw new Error(`${path} cannot be written: ${reasonOf(error)} Later, --resume goes on from there.`);
      }
    };
    return new Writer({ put, close: () => closeSync(file), isTerminal: false });
  }

  /** @throws {Error} where this or an earlier text cannot be written. */
  async write(text: string): Promise<void> {
    this.#gathered += text;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#target.isTerminal || this.#gathered.length >= mostGathered) await this.#flush();
    else this.#timer ??= setTimeout(() => this.#flushLater(), longestWait);
  }

  /** Writes everything and closes; does nothing the second time. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#flush();
    } finally {
      this.#target.close();
    }
  }

  /** For a process that ends at once: writes what there is and `text`, and waits for nothing. */
  closeNow(text: string): void {
    if (this.#isClosed) return;
    this.#gathered += text;
    void this.close().catch(() => {});
  }

  #flush(): Promise<void> | undefined {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#gathered;
    this.#gathered = '';
    return text === '' ? undefined : this.#target.put(text);
  }

  /** Nobody waits for it: a failure comes with the next text. */
  #flushLater(): void {
    try {
      this.#flush()?.catch(() => {});
    } catch (error) {
      this.#failure = error;
    }
  }
}

function openAt(path: string, bytes: number): number {
  try {
    const file = openSync(path, bytes > 0 ? 'a' : 'w');
    if (bytes > 0) ftruncateSync(file, bytes);
    return file;
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reasonOf(error)}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full.',
  EDQUOT: 'your share of the disk is full.',
  ENOENT: 'there is no such folder.',
  ENOTDIR: 'there is no such folder.',
  EISDIR: 'it is a folder. Name a file in it.',
  EACCES: 'you may not write there.',
  EPERM: 'you may not write there.',
  EROFS: 'you may not write there.',
};

/** Why something cannot be written, for the person at the terminal. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ('code' in error && reasons[String(error.code)]) || error.message;
}
