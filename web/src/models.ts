import type { Model } from '../../client/client.ts';
import { toFailure } from '../../client/failure.ts';
import { labelText } from '../../client/format.ts';
import { answered } from '../../client/submit.ts';
import { api } from './api.ts';
import { find, make } from './dom.ts';

/** The service's models, and which of them sees the pictures that are added next. */
export class Models {
  readonly #select = find(document, '#which', HTMLSelectElement);
  readonly #known = new Map<string | undefined, Promise<Model>>();
  readonly #onModel: (model: Model) => void;

  /** `onModel` is told what the chosen model is: at first, after each choice, and once a service that was down answers. */
  constructor(onModel: (model: Model) => void) {
    this.#onModel = onModel;
    this.#select.addEventListener('change', () => {
      remember(this.#select.value);
      this.current().then(onModel, () => {});
    });
  }

  /** What the chosen one is called by; `undefined` is the service's default. */
  get chosen(): string | undefined {
    return this.#select.value || undefined;
  }

  /** Asked for once; a failed question is asked again. */
  current(): Promise<Model> {
    const { chosen } = this;
    const known = this.#known.get(chosen) ?? this.#ask(chosen);
    this.#known.set(chosen, known);
    known.catch(() => this.#known.delete(chosen));
    return known;
  }

  async #ask(model: string | undefined): Promise<Model> {
    const call = api.GET('/model', { params: { query: { ...(model && { model }) } } });
    const { data, error, response } = await answered(call);
    if (data === undefined) throw toFailure(response.status, error);
    this.#onModel(data);
    void this.#offer().catch(() => {});
    return data;
  }

  async labels(): Promise<string[]> {
    const { chosen: model } = this;
    const call = api.GET('/labels', { params: { query: { ...(model && { model }) } } });
    const { data, error, response } = await answered(call);
    if (data === undefined) throw toFailure(response.status, error);
    return data.map(({ label }) => labelText(label));
  }

  /** Shows the choice where there is one. */
  async #offer(): Promise<void> {
    if (this.#select.length > 0) return;
    const { data = [] } = await answered(api.GET('/models'));
    if (data.length < 2) return;
    const options = data.map(({ name, classes }) =>
      make('option', { value: name }, `${labelText(name)}, ${classes.toLocaleString('en')} labels`),
    );
    this.#select.replaceChildren(...options);
    find(document, '#models', HTMLElement).hidden = false;
    const kept = remembered();
    if (kept === this.chosen || !data.some(({ name }) => name === kept)) return;
    this.#select.value = kept;
    this.#onModel(await this.current());
  }
}

const key = 'label-on-upload model';

function remember(model: string): void {
  try {
    localStorage.setItem(key, model);
  } catch {
    // Storage is switched off.
  }
}

function remembered(): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}
