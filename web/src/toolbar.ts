import { baseUrl } from './api.ts';
import { copyWithThanks } from './copy.ts';
import { find } from './dom.ts';
import { withMore } from './later.ts';
import type { Entry, ResultList } from './list.ts';

/** Wires the buttons above the list. */
export function wireToolbar(list: ResultList): void {
  const pictures = () => list.inOrder().map(({ picture }) => picture);
  onClick('#copy-all', (button) =>
    withMore(({ toJson, toRow }) => copyWithThanks(button, toJson(pictures().map(toRow)))),
  );
  onClick('#json', () =>
    withMore(({ download, exportName, toJson, toRow }) => {
      const rows = pictures().map(toRow);
      download(exportName(rows, 'json'), 'application/json', toJson(rows));
    }),
  );
  onClick('#csv', () =>
    withMore(({ download, exportName, toCsv, toRow }) => {
      const rows = pictures().map(toRow);
      download(exportName(rows, 'csv'), 'text/csv', toCsv(rows));
    }),
  );
  onClick('#retry-all', () => list.retry(list.inOrder()));
  onClick('#clear', () => {
    list.deleteAll();
    find(document, '#undo-button', HTMLElement).focus();
  });
  wireFilters(list);
}

function wireFilters(list: ResultList): void {
  const kind = find(document, '#show', HTMLSelectElement);
  const text = find(document, '#search', HTMLInputElement);
  const order = find(document, '#sort', HTMLSelectElement);
  const apply = () => list.show({ kind: kind.value, text: text.value }, order.value);
  for (const control of [kind, order]) control.addEventListener('change', apply);
  text.addEventListener('input', apply);
}

/** Wires the buttons of every card, those to come included. */
export function wireCards(list: ResultList): void {
  const enlarge = (entry: Entry) => {
    const shown = list.inOrder().filter(({ card }) => !card.element.hidden);
    const all = shown.map((each) => ({ picture: each.picture, image: () => list.imageOf(each) }));
    return withMore(({ openViewer }) => openViewer(all, shown.indexOf(entry)));
  };
  const actions: Readonly<Record<string, (entry: Entry, button: HTMLButtonElement) => unknown>> = {
    enlarge,
    retry: (entry) => list.retry([entry]),
    delete: (entry) => list.delete(entry),
    copy: ({ picture }, button) =>
      withMore(({ toRow }) => copyWithThanks(button, JSON.stringify(toRow(picture).labels, null, 2))),
    curl: ({ picture, card }) =>
      withMore(({ curlCommand }) =>
        card.toggleCurl(list.limits ? curlCommand(picture, baseUrl, list.limits) : ''),
      ),
    'copy-curl': ({ card }, button) =>
      copyWithThanks(button, find(card.element, '.curl code', HTMLElement).textContent),
  };
  find(document, '#list', HTMLElement).addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    const entry = list.entryOf(button?.closest('li.card') ?? null);
    if (button && entry) actions[button.dataset.action ?? '']?.(entry, button);
  });
}

function onClick(id: string, act: (button: HTMLButtonElement) => unknown): void {
  const button = find(document, id, HTMLButtonElement);
  button.addEventListener('click', () => act(button));
}
