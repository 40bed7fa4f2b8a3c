import type { Model } from '../../client/client.ts';
import { toFailure } from '../../client/failure.ts';
import { labelText } from '../../client/format.ts';
import { answered } from '../../client/submit.ts';
import { api } from './api.ts';
import { find, make } from './dom.ts';

/** Opens what the links "Labels" and "Model" lead to, on the page itself. */
export function wireAbout(model: () => Promise<Model>): void {
  wire('labels', async (dialog) => showLabels(dialog, await readLabels()));
  wire('model', async (dialog) => showModel(dialog, await model()));
}

function wire(name: string, fill: (dialog: HTMLDialogElement) => Promise<void>): void {
  const dialog = find(document, `#${name}-dialog`, HTMLDialogElement);
  find(document, `#${name}-link`, HTMLAnchorElement).addEventListener('click', async (event) => {
    event.preventDefault();
    dialog.showModal();
    const body = find(dialog, '.dialog-body', HTMLElement);
    await fill(dialog).catch(() => body.replaceChildren('The service does not answer at the moment.'));
  });
}

async function readLabels(): Promise<string[]> {
  const { data, error, response } = await answered(api.GET('/labels'));
  if (data === undefined) throw toFailure(response.status, error);
  return data.map(({ label }) => labelText(label));
}

function showLabels(dialog: HTMLElement, labels: readonly string[]): void {
  const search = find(dialog, 'input', HTMLInputElement);
  const body = find(dialog, '.dialog-body', HTMLElement);
  const count = find(dialog, '.count', HTMLElement);
  const show = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = labels.filter((label) => label.toLowerCase().includes(wanted));
    count.textContent = wanted ? `${found.length} of ${labels.length} labels` : `${labels.length} labels`;
    body.replaceChildren(make('ul', { class: 'names' }, ...found.map((label) => make('li', {}, label))));
  };
  search.oninput = show;
  show();
}

function showModel(dialog: HTMLElement, { name, sha256, classes, input, formats, limits }: Model): void {
  const facts = [
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
  const rows = facts.flatMap(([term, words]) => [make('dt', {}, term), make('dd', {}, words)]);
  find(dialog, '.dialog-body', HTMLElement).replaceChildren(make('dl', {}, ...rows));
}
