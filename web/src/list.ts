import type { Model } from '../../client/client.ts';
import { countText } from '../../client/format.ts';
import { createAnnouncer } from './announce.ts';
import { baseUrl } from './api.ts';
import { answerOf, type Card, copyWithThanks, createCard } from './card.ts';
import { find } from './dom.ts';
import { curlCommand, download, type Labelled, toCsv } from './export.ts';
import { Picture } from './picture.ts';
import { Pool } from './pool.ts';
import { type Remembered, recall, remember, thumbnailOf } from './session.ts';
import { describeEnd } from './state.ts';

/** Pictures under way at once. */
const atOnce = 4;
/** Large photos that are decoded at once: each takes some 50 MB for a moment. */
const previewsAtOnce = 3;

interface Entry {
  readonly picture: Picture;
  readonly card: Card;
  thumbnail?: string;
}

/** The pictures of this session, newest first. */
export class ResultList {
  readonly #entries = new Map<Element, Entry>();
  readonly #pool = new Pool(atOnce);
  readonly #previews = new Pool(previewsAtOnce);
  readonly #section = find(document, '#results', HTMLElement);
  readonly #title = find(document, '#results-title', HTMLElement);
  readonly #list = find(document, '#list', HTMLOListElement);
  readonly #announce = createAnnouncer(find(document, '#announcer', HTMLElement));
  #knownLimits: Model['limits'] | undefined;
  #remembering: ReturnType<typeof setTimeout> | undefined;
  readonly #limits: () => Promise<Model['limits']>;

  constructor(limits: () => Promise<Model['limits']>) {
    this.#limits = limits;
    for (const kept of recall()) this.#restore(kept);
    this.#wireToolbar();
    addEventListener('pagehide', () => this.#rememberNow());
  }

  add(files: readonly File[]): void {
    const entries = files.map((file) =>
      this.#enter(new Picture({ name: file.name, bytes: file.size, file })),
    );
    this.#list.prepend(...entries.map(({ card }) => card.element));
    for (const entry of entries) {
      this.#previews.run(() => this.#preview(entry));
      this.#process(entry);
    }
  }

  #restore({ thumbnail, ...kept }: Remembered): void {
    const entry = this.#enter(new Picture(kept));
    this.#list.append(entry.card.element);
    if (thumbnail !== undefined) {
      entry.thumbnail = thumbnail;
      void entry.card.showPreview(thumbnail);
    }
    this.#process(entry);
  }

  #enter(picture: Picture): Entry {
    const card = createCard(picture, {
      retry: () => {
        picture.retry();
        this.#process(entry);
      },
      delete: () => void this.#delete(entry),
      curl: () =>
        this.#knownLimits ? curlCommand(picture.name, picture.bytes, baseUrl, this.#knownLimits) : '',
    });
    const entry: Entry = { picture, card };
    this.#entries.set(card.element, entry);
    picture.onChange = () => this.#changed(entry);
    this.#count();
    return entry;
  }

  #process({ picture }: Entry): void {
    this.#pool.run(async () => {
      try {
        const limits = await this.#limits();
        this.#knownLimits = limits;
        await picture.process(limits);
      } catch (error) {
        picture.fail(error);
      }
    });
  }

  #changed({ picture, card }: Entry): void {
    card.update();
    const sentence = describeEnd(picture.phase, picture.name);
    if (sentence !== undefined) this.#announce(sentence);
    if (sentence !== undefined || picture.phase.kind === 'classifying') this.#remember();
  }

  /** The small copy takes the photo's place: hundreds of photos would fill the memory. */
  async #preview(entry: Entry): Promise<void> {
    const { picture, card } = entry;
    if (picture.file === undefined) return;
    const url = URL.createObjectURL(picture.file);
    const image = await card.showPreview(url);
    const thumbnail = image && thumbnailOf(image);
    if (thumbnail !== undefined) {
      entry.thumbnail = thumbnail;
      await card.showPreview(thumbnail);
      this.#remember();
    }
    URL.revokeObjectURL(url);
  }

  async #delete(entry: Entry): Promise<void> {
    const { picture, card } = entry;
    try {
      await picture.delete();
    } catch (error) {
      picture.fail(error);
      return;
    }
    const next = card.element.nextElementSibling ?? card.element.previousElementSibling;
    const hadFocus = card.element.contains(document.activeElement);
    this.#entries.delete(card.element);
    card.element.remove();
    this.#announce(`${picture.name} deleted.`);
    this.#remember();
    this.#count();
    if (!hadFocus) return;
    const target = next instanceof HTMLElement ? next : find(document, '#choose', HTMLElement);
    target.focus();
  }

  /** The pictures as the list shows them. */
  #inOrder(): Entry[] {
    return [...this.#list.children].flatMap((element) => this.#entries.get(element) ?? []);
  }

  #count(): void {
    this.#section.hidden = this.#entries.size === 0;
    this.#section.parentElement?.classList.toggle('some', this.#entries.size > 0);
    this.#title.textContent = countText(this.#entries.size, 'picture');
  }

  /** Soon, for many pictures may change at once. */
  #remember(): void {
    this.#remembering ??= setTimeout(() => this.#rememberNow(), 300);
  }

  #rememberNow(): void {
    clearTimeout(this.#remembering);
    this.#remembering = undefined;
    const kept = this.#inOrder().flatMap(({ picture: { jobId, name, bytes }, thumbnail }): Remembered[] =>
      jobId === undefined ? [] : [{ jobId, name, bytes, ...(thumbnail !== undefined && { thumbnail }) }],
    );
    remember(kept);
  }

  #labelled(): Labelled[] {
    return this.#inOrder()
      .filter(({ picture }) => picture.phase.kind === 'labelled')
      .map(({ picture }) => ({ file: picture.name, labels: answerOf(picture) }));
  }

  #wireToolbar(): void {
    const copy = find(document, '#copy-all', HTMLButtonElement);
    copy.addEventListener('click', () => copyWithThanks(copy, JSON.stringify(this.#labelled(), null, 2)));
    find(document, '#csv', HTMLButtonElement).addEventListener('click', () =>
      download('labels.csv', 'text/csv', toCsv(this.#labelled())),
    );
    find(document, '#clear', HTMLButtonElement).addEventListener('click', () => {
      for (const entry of this.#inOrder()) void this.#delete(entry);
      find(document, '#choose', HTMLElement).focus();
    });
  }
}
