import { durationText } from './duration.ts';

const barWidth = 24;
/** Milliseconds between two drawings: more often only costs time. */
const pause = 100;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Counts files and shows on a terminal how far they are; elsewhere it shows nothing. */
export class Progress {
  readonly #output: Output;
  readonly #total: number | undefined;
  readonly #began = performance.now();
  #drawn = Number.NEGATIVE_INFINITY;
  #isShown = false;
  done = 0;
  failed = 0;

  /** @param total of the files, where it is known. */
  constructor(output: Output, total: number | undefined) {
    this.#output = output;
    this.#total = total;
  }

  /** Counts a file. */
  add(failed: boolean): void {
    this.done++;
    if (failed) this.failed++;
    const now = performance.now();
    if (!this.#output.isTTY || now - this.#drawn < pause) return;
    this.#drawn = now;
    this.#isShown = true;
    this.#output.write(`\r\x1b[K${this.line()}`);
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#isShown) this.#output.write('\r\x1b[K');
    this.#isShown = false;
  }

  /** The bar, the rate and the time left. */
  line(): string {
    const failed = this.failed > 0 ? `, ${this.failed} failed` : '';
    const counted = `${this.done.toLocaleString('en')}${failed}, ${this.#rate().toFixed(1)} a second`;
    if (this.#total === undefined) return counted;
    const filled = Math.round((this.done / Math.max(1, this.#total)) * barWidth);
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
    const left = (this.#total - this.done) / this.#rate();
    return `${bar} ${counted} of ${this.#total.toLocaleString('en')}, ${durationText(left)} left`;
  }

  /** What was done, in a sentence. */
  summary(): string {
    const files = this.done === 1 ? '1 file' : `${this.done.toLocaleString('en')} files`;
    const failed = this.failed > 0 ? `, ${this.failed.toLocaleString('en')} failed` : '';
    return `${files} in ${durationText(this.#seconds())} (${this.#rate().toFixed(1)} a second)${failed}.`;
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  #rate(): number {
    return this.done / Math.max(0.001, this.#seconds());
  }
}
