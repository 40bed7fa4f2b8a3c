import { find } from './dom.ts';

const patienceMilliseconds = 10_000;

/** How an offer ended: taken back, left as it was, or left with the page. */
export type Ending = 'undone' | 'kept' | 'left';

/** Offers for ten seconds to take something back. What is offered is done after them, or when the page is left. */
export class Undo {
  readonly #box = find(document, '#undo', HTMLElement);
  readonly #words = find(document, '#undo-words', HTMLElement);
  readonly #button = find(document, '#undo-button', HTMLButtonElement);
  #settle: ((how: Ending) => void) | undefined;

  constructor() {
    this.#button.addEventListener('click', () => this.#end('undone'));
    addEventListener('pagehide', () => this.#end('left'));
  }

  /** Calls `settle` once. An offer that is open is settled first. */
  offer(words: string, settle: (how: Ending) => void): void {
    this.#end('kept');
    this.#words.textContent = words;
    this.#box.hidden = false;
    const timer = setTimeout(() => this.#end('kept'), patienceMilliseconds);
    this.#settle = (how) => {
      clearTimeout(timer);
      settle(how);
    };
  }

  #end(how: Ending): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#box.hidden = true;
    settle?.(how);
  }
}
