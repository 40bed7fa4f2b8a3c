import { labelText, percentText } from '../../client/format.ts';
import { find } from './dom.ts';
import type { Picture } from './picture.ts';

/** What the viewer shows of an entry. */
export interface Viewed {
  readonly picture: Picture;
  readonly image: () => Promise<Blob | undefined>;
}

/** Shows one picture in full; the arrow keys go on to the next. */
export class Viewer {
  readonly #dialog = find(document, '#viewer', HTMLDialogElement);
  readonly #image = find(document, '#viewer-image', HTMLImageElement);
  readonly #caption = find(document, '#viewer-caption', HTMLElement);
  #all: readonly Viewed[] = [];
  #at = 0;
  #url = '';

  constructor() {
    for (const [id, step] of [
      ['#viewer-previous', -1],
      ['#viewer-next', 1],
    ] as const)
      find(document, id, HTMLButtonElement).addEventListener('click', () => this.#go(step));
    this.#dialog.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowLeft') this.#go(-1);
      if (key === 'ArrowRight') this.#go(1);
    });
    this.#dialog.addEventListener('close', () => URL.revokeObjectURL(this.#url));
    this.#dialog.addEventListener('click', ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
  }

  open(all: readonly Viewed[], at: number): void {
    this.#all = all;
    this.#at = at;
    void this.#show();
    this.#dialog.showModal();
  }

  #go(step: number): void {
    this.#at = (this.#at + step + this.#all.length) % this.#all.length;
    void this.#show();
  }

  async #show(): Promise<void> {
    const viewed = this.#all[this.#at];
    if (viewed === undefined) return;
    this.#caption.textContent = caption(viewed.picture);
    const blob = await viewed.image();
    if (this.#all[this.#at] !== viewed) return;
    URL.revokeObjectURL(this.#url);
    this.#url = blob ? URL.createObjectURL(blob) : '';
    this.#image.src = this.#url;
    this.#image.alt = viewed.picture.name;
  }
}

function caption({ name, phase }: Picture): string {
  const labels = phase.kind === 'labelled' ? phase.labels : [];
  return [name, ...labels.map(({ label, score }) => `${labelText(label)} ${percentText(score)}`)].join(' · ');
}
