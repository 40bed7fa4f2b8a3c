import { labelText, percentText } from '../../client/format.ts';
import { openDialog } from './dialog.ts';
import { make } from './dom.ts';
import type { Picture } from './picture.ts';

/** What the viewer shows of an entry. */
export interface Viewed {
  readonly picture: Picture;
  readonly image: () => Promise<Blob | undefined>;
}

/** Shows one picture in full; the arrow keys go on to the next. */
export function openViewer(all: readonly Viewed[], first: number): void {
  let at = first;
  let url = '';
  const image = make('img', { id: 'viewer-image', alt: '' });
  const words = make('p', { id: 'viewer-caption', 'aria-live': 'polite' });
  const show = async () => {
    const viewed = all[at];
    if (viewed === undefined) return;
    words.textContent = caption(viewed.picture);
    const blob = await viewed.image();
    if (all[at] !== viewed) return;
    URL.revokeObjectURL(url);
    url = blob ? URL.createObjectURL(blob) : '';
    image.src = url;
    image.alt = viewed.picture.name;
  };
  const go = (step: number) => {
    at = (at + step + all.length) % all.length;
    void show();
  };
  const steps = [button('Previous', () => go(-1)), button('Next', () => go(1))];
  const dialog = openDialog({ id: 'viewer', name: 'Picture' }, [image, words], all.length > 1 ? steps : []);
  dialog.addEventListener('keydown', ({ key }) => {
    if (key === 'ArrowLeft') go(-1);
    if (key === 'ArrowRight') go(1);
  });
  dialog.addEventListener('close', () => URL.revokeObjectURL(url));
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close();
  });
  void show();
}

function button(words: string, act: () => void): HTMLButtonElement {
  const made = make('button', { type: 'button' }, words);
  made.addEventListener('click', act);
  return made;
}

function caption({ name, phase }: Picture): string {
  const labels = phase.kind === 'labelled' ? phase.labels : [];
  return [name, ...labels.map(({ label, score }) => `${labelText(label)} ${percentText(score)}`)].join(' · ');
}
