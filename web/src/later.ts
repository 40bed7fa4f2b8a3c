import { baseUrl } from './api.ts';
import { find } from './dom.ts';

type More = typeof import('./more.ts');

let loading: Promise<More> | undefined;

/** Loads what the page does not need at first. After a failure it is loaded again. */
export function more(): Promise<More> {
  loading ??= import(`${baseUrl}assets/${document.documentElement.dataset.more}`);
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

/** Does something with it, or says on the page that it cannot be had. */
export async function withMore(act: (loaded: More) => unknown): Promise<void> {
  try {
    await act(await more());
  } catch (error) {
    find(document, '#notice', HTMLElement).textContent = `That did not work: ${error}`;
  }
}
