import { answered } from '../../client/submit.ts';
import { api } from './api.ts';
import { find, make } from './dom.ts';

let chosen: string | undefined;

/** What the model is called by that is to see pictures; none where the service has only one. */
export function chosenModel(): string | undefined {
  return chosen;
}

/** Lets people choose where the service has several models, and remembers it. `onChoice` is told of the first one too. */
export async function offerModels(onChoice: () => unknown): Promise<void> {
  const { data = [] } = await answered(api.GET('/models'));
  if (data.length < 2) return;
  const select = make('select', {}, ...data.map(({ name }) => make('option', {}, name)));
  select.value = localStorage.model;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  const choose = () => {
    chosen = localStorage.model = select.value;
    onChoice();
  };
  select.onchange = choose;
  choose();
  find(document, '#drop .buttons', HTMLElement).before(make('p', {}, make('label', {}, 'Model ', select)));
}
