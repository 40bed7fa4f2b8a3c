import { bytesText } from '../../client/format.ts';
import { find } from './dom.ts';
import type { Picture } from './picture.ts';
import { isUnsure, renderState } from './state.ts';

/** A picture's place in the list. Its buttons say what they do by `data-action`; the list listens for all of them. */
export class Card {
  readonly element: HTMLLIElement;
  readonly #picture: Picture;

  constructor(picture: Picture) {
    this.#picture = picture;
    const template = find(document, '#card', HTMLTemplateElement);
    this.element = find(document.importNode(template.content, true), 'li', HTMLLIElement);
    this.element.setAttribute('aria-label', picture.name);
    find(this.element, '.name', HTMLElement).textContent = picture.name;
    for (const button of this.element.querySelectorAll('button'))
      button.setAttribute('aria-label', `${button.dataset.words ?? button.textContent}: ${picture.name}`);
    this.update();
  }

  /** Shows the picture's phase as it is now. */
  update(): void {
    const { phase, name, canRetry } = this.#picture;
    find(this.element, '.state', HTMLElement).replaceChildren(renderState(phase, name));
    this.element.classList.toggle('is-unsure', isUnsure(phase));
    this.showFacts();
    this.#button('retry').hidden = !canRetry;
    this.#button('copy').hidden = phase.kind !== 'labelled';
    this.#button('curl').hidden = phase.kind !== 'labelled';
  }

  showFacts(): void {
    const { image, bytes, model } = this.#picture;
    const known = image ? [image.format?.toUpperCase(), `${image.width} × ${image.height}`] : [];
    const facts = [...known, bytesText(bytes), model && `model ${model}`].filter(Boolean);
    find(this.element, '.facts', HTMLElement).textContent = facts.join(', ');
  }

  /** Shows the picture, or a small copy of it. The drawing in its place stays where the browser cannot. */
  async showPreview(blob: Blob): Promise<boolean> {
    const image = find(this.element, 'img', HTMLImageElement);
    const url = URL.createObjectURL(blob);
    image.src = url;
    try {
      await image.decode();
      image.hidden = false;
      this.#button('enlarge').disabled = false;
      return true;
    } catch {
      return false;
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  /** Says below the labels that something else did not work; they stay. */
  showNote(text: string): void {
    const note = find(this.element, '.note', HTMLElement);
    note.textContent = text;
    note.hidden = text === '';
  }

  toggleCurl(command: string): void {
    const panel = find(this.element, '.curl', HTMLElement);
    panel.hidden = !panel.hidden;
    this.#button('curl').setAttribute('aria-expanded', `${!panel.hidden}`);
    find(panel, 'code', HTMLElement).textContent = command;
  }

  #button(action: string): HTMLButtonElement {
    return find(this.element, `[data-action="${action}"]`, HTMLButtonElement);
  }
}
