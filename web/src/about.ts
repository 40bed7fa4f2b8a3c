import type { Model } from '../../client/client.ts';
import { openDialog } from './dialog.ts';
import { make } from './dom.ts';

const noAnswer = 'The service does not answer at the moment.';

/** Shows every label there is, and finds some by their words. */
export async function openLabels(asked: Promise<readonly string[]>): Promise<void> {
  const search = make('input', { type: 'search' });
  const count = make('span', { role: 'status' });
  const body = make('div', { class: 'dialog-body', tabindex: '0' });
  openDialog({ id: 'labels-dialog', name: 'Labels' }, [
    make('h2', {}, 'Labels'),
    make('p', {}, 'The model answers with these only: a picture of something else gets the nearest of them.'),
    make('p', {}, make('label', {}, 'Find ', search), ' ', count),
    body,
  ]);
  const labels = await asked.catch(() => undefined);
  if (labels === undefined) return body.replaceChildren(noAnswer);
  const show = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = labels.filter((label) => label.toLowerCase().includes(wanted));
    count.textContent = wanted ? `${found.length} of ${labels.length} labels` : `${labels.length} labels`;
    body.replaceChildren(make('ul', { class: 'names' }, ...found.map((label) => make('li', {}, label))));
  };
  search.addEventListener('input', show);
  show();
}

/** Says in words what answers. */
export async function openModel(asked: Promise<Model>): Promise<void> {
  const body = make('div', { class: 'dialog-body', tabindex: '0' });
  openDialog({ id: 'model-dialog', name: 'Model' }, [make('h2', {}, 'Model'), body]);
  const model = await asked.catch(() => undefined);
  body.replaceChildren(model ? facts(model) : noAnswer);
}

function facts({ name, sha256, classes, input, formats, limits }: Model): HTMLElement {
  const rows = [
    ['Name', name],
    [
      'What it does',
      `It chooses among ${classes.toLocaleString('en')} labels, and gives each a score; all scores add up to 100%.`,
    ],
    ['What it sees', `The whole picture, shrunk to ${input.width} × ${input.height} pixels.`],
    ['What it reads', formats.map((format) => format.name).join(', ')],
    ['Largest picture', `${Math.round(limits.imagePixels / 1e6)} million pixels`],
    ['Weights', `SHA-256 ${sha256}`],
  ] as const;
  return make('dl', {}, ...rows.flatMap(([term, words]) => [make('dt', {}, term), make('dd', {}, words)]));
}
