import { countText } from '../../client/format.ts';
import { find, make } from './dom.ts';
import type { Picture } from './picture.ts';
import { failureTitle } from './state.ts';

const pageTitle = document.title;
/** A forecast from less than this is a guess. */
const leastMilliseconds = 2000;

/** Tells above the list, and in the tab's title, how far the run is and what failed. */
export class ProgressBar {
  readonly #title = find(document, '#results-title', HTMLElement);
  readonly #left = find(document, '#time-left', HTMLElement);
  readonly #progress = find(document, '#progress', HTMLProgressElement);
  readonly #failures = find(document, '#failures', HTMLElement);
  readonly #retryAll = find(document, '#retry-all', HTMLButtonElement);
  #began: { readonly at: number; readonly ended: number } | undefined;

  update(pictures: readonly Picture[]): void {
    const failed = pictures.filter(({ phase }) => phase.kind === 'failed');
    const ended = pictures.filter((picture) => picture.hasEnded).length;
    const running = ended < pictures.length;
    const total = countText(pictures.length, 'picture');
    const count = running ? `${ended} of ${pictures.length}` : total;
    this.#title.textContent = failed.length > 0 ? `${count}, ${failed.length} failed` : count;
    this.#progress.hidden = !running;
    this.#progress.max = Math.max(1, pictures.length);
    this.#progress.value = ended;
    this.#left.textContent = running ? this.#timeLeft(ended, pictures.length) : '';
    if (!running) this.#began = undefined;
    document.title = titleText(pictures.length, ended, failed.length);
    this.#showFailures(failed);
  }

  #timeLeft(ended: number, total: number): string {
    this.#began ??= { at: performance.now(), ended };
    const elapsed = performance.now() - this.#began.at;
    const done = ended - this.#began.ended;
    if (elapsed < leastMilliseconds || done < 3) return '';
    const seconds = Math.ceil((elapsed / done) * (total - ended) * 0.001);
    return seconds < 90 ? `about ${seconds} s left` : `about ${Math.ceil(seconds / 60)} min left`;
  }

  /** Failures of one kind in one line. */
  #showFailures(failed: readonly Picture[]): void {
    const groups = Map.groupBy(failed, ({ phase }) =>
      phase.kind === 'failed' ? failureTitle(phase.failure.code) : '',
    );
    const lines = [...groups].map(([title, { length }]) => make('li', {}, `${title}: ${length}`));
    this.#failures.replaceChildren(...lines);
    this.#failures.hidden = failed.length < 2;
    this.#retryAll.hidden = failed.filter(({ canRetry }) => canRetry).length < 2;
  }
}

function titleText(total: number, ended: number, failed: number): string {
  if (total === 0) return pageTitle;
  const troubles = failed > 0 ? `, ${failed} failed` : '';
  return ended < total
    ? `${ended} of ${total}${troubles} · ${pageTitle}`
    : `${total} done${troubles} · ${pageTitle}`;
}
