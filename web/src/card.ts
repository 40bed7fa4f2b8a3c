import { bytesText } from '../../client/format.ts';
import { find } from './dom.ts';
import { copyText } from './export.ts';
import type { Picture } from './picture.ts';
import { renderState } from './state.ts';

export interface CardActions {
  readonly retry: () => void;
  readonly delete: () => void;
  /** The command that does the same as the page. */
  readonly curl: () => string;
}

/** A picture's place in the list. */
export interface Card {
  readonly element: HTMLLIElement;
  /** Shows the picture's phase as it is now. */
  update(): void;
  /** Shows a preview that is at hand, such as a kept thumbnail. */
  showPreview(url: string): Promise<HTMLImageElement | undefined>;
}

export function createCard(picture: Picture, actions: CardActions): Card {
  const template = find(document, '#card', HTMLTemplateElement);
  const fragment = document.importNode(template.content, true);
  const element = find(fragment, 'li', HTMLLIElement);
  element.setAttribute('aria-label', picture.name);
  const name = find(element, '.name', HTMLElement);
  name.textContent = picture.name;
  name.title = picture.name;
  const state = find(element, '.state', HTMLElement);
  wireActions(element, picture, actions);
  const update = () => {
    state.replaceChildren(renderState(picture.phase, picture.name));
    find(element, '.facts', HTMLElement).textContent = facts(picture);
    showActions(element, picture);
  };
  update();
  return { element, update, showPreview: (url) => showPreview(element, url) };
}

function wireActions(element: HTMLElement, picture: Picture, actions: CardActions): void {
  button(element, 'retry').addEventListener('click', actions.retry);
  button(element, 'delete').addEventListener('click', actions.delete);
  const copy = button(element, 'copy');
  copy.addEventListener('click', () => copyWithThanks(copy, JSON.stringify(answerOf(picture), null, 2)));
  const code = find(element, '.curl code', HTMLElement);
  const toggle = button(element, 'curl');
  toggle.addEventListener('click', () => {
    const panel = find(element, '.curl', HTMLElement);
    panel.hidden = !panel.hidden;
    toggle.setAttribute('aria-expanded', `${!panel.hidden}`);
    code.textContent = actions.curl();
  });
  const copyCurl = button(element, 'copy-curl');
  copyCurl.addEventListener('click', () => copyWithThanks(copyCurl, code.textContent));
  for (const action of ['retry', 'delete', 'copy', 'curl', 'copy-curl']) {
    const target = button(element, action);
    target.setAttribute('aria-label', `${target.textContent}: ${picture.name}`);
  }
}

function showActions(element: HTMLElement, { phase, canRetry }: Picture): void {
  button(element, 'retry').hidden = !canRetry;
  button(element, 'copy').hidden = phase.kind !== 'labelled';
  button(element, 'curl').hidden = phase.kind !== 'labelled';
}

/** What `POST /predict` answers for the picture. */
export function answerOf({ phase }: Picture): { label: string; score: number }[] {
  if (phase.kind !== 'labelled') return [];
  return (phase.job.predictions ?? []).map(({ label, score }) => ({ label, score }));
}

/** Copies, and says so on the button for a moment. */
export async function copyWithThanks(target: HTMLButtonElement, text: string): Promise<void> {
  const words = target.textContent;
  await copyText(text);
  target.textContent = 'Copied';
  setTimeout(() => {
    target.textContent = words;
  }, 1500);
}

function facts({ bytes, phase }: Picture): string {
  const image = phase.kind === 'labelled' ? phase.job.image : undefined;
  const size = bytesText(bytes);
  return image ? `${image.format.toUpperCase()}, ${image.width} × ${image.height}, ${size}` : size;
}

/** Resolves to `undefined` where the browser cannot show the picture: the drawing in its place stays. */
async function showPreview(element: HTMLElement, url: string): Promise<HTMLImageElement | undefined> {
  const image = find(element, 'img', HTMLImageElement);
  image.src = url;
  try {
    await image.decode();
    image.hidden = false;
    return image;
  } catch {
    return undefined;
  }
}

function button(element: HTMLElement, action: string): HTMLButtonElement {
  return find(element, `[data-action="${action}"]`, HTMLButtonElement);
}
