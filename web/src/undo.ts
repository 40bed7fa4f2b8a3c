import { find } from './dom.ts';

const patienceMilliseconds = 10_000;

/** Offers for ten seconds to take something back. What is offered is done after them, or when the page is left. */
export class Undo {
  readonly #box = find(document, '#undo', HTMLElement);
  readonly #words = find(document, '#undo-words', HTMLElement);
  readonly #button = find(document, '#undo-button', HTMLButtonElement);
  #settle: ((undone: boolean) => void) | undefined;

  constructor() {
    this.#button.addEventListener('click', () => this.#end(true));
    addEventListener('pagehide', () => this.#end(false));
  }

  /** Calls one of the two, once. An offer that is open is settled first. */
  offer(words: string, { undo, done }: { readonly undo: () => void; readonly done: () => void }): void {
    this.#end(false);
    this.#words.textContent = words;
    this.#box.hidden = false;
    const timer = setTimeout(() => this.#end(false), patienceMilliseconds);
    this.#settle = (undone) => {
      clearTimeout(timer);
      (undone ? undo : done)();
    };
  }

  #end(undone: boolean): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#box.hidden = true;
    settle?.(undone);
  }
}
