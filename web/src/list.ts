import type { Model } from '../../client/client.ts';
import { countText } from '../../client/format.ts';
import { createAnnouncer } from './announce.ts';
import { deleteInLeaving } from './api.ts';
import { ProgressBar } from './bar.ts';
import { Card } from './card.ts';
import { find } from './dom.ts';
import { type Filter, matches, sorted } from './order.ts';
import { Picture } from './picture.ts';
import { Pool } from './pool.ts';
import { describeEnd } from './state.ts';
import { type Remembered, SessionStore } from './store.ts';
import { gathered, inSlices } from './tasks.ts';
import { Thumbnails } from './thumbnails.ts';
import { Undo } from './undo.ts';

/** Pictures under way at once: one connection of six is left for the rest. */
const atOnce = 5;
/** From so many on, pictures are a grid; from so many on, rows. */
const [gridFrom, rowsFrom] = [2, 50];
/** Pixels of a thumbnail's longer side: few pictures are shown large. */
const [largeThumbnail, smallThumbnail] = [960, 320];
/** Milliseconds between two updates of rows: each costs style, layout and paint, on a machine that may also classify. */
const rowsPause = 200;
/** Places between one choice of pictures and the next. */
const ordersPerChoice = 1_000_000;

export interface Entry {
  readonly picture: Picture;
  readonly card: Card;
  readonly order: number;
  thumbnail?: Blob;
}

/** The pictures of this session, newest first. */
export class ResultList {
  readonly #entries = new Map<Element, Entry>();
  readonly #pool = new Pool(atOnce);
  readonly #store = new SessionStore();
  readonly #thumbnails = new Thumbnails((element) => void this.#inView(element));
  readonly #bar = new ProgressBar();
  readonly #undo = new Undo();
  readonly #section = find(document, '#results', HTMLElement);
  readonly #list = find(document, '#list', HTMLOListElement);
  readonly #announcer = createAnnouncer(find(document, '#announcer', HTMLElement));
  readonly #limits: () => Promise<Model['limits']>;
  readonly #changed = new Set<Entry>();
  readonly #update = gathered(
    () => this.#updateNow(),
    () => (this.#entries.size < rowsFrom ? 0 : rowsPause),
  );
  #filter: Filter = { kind: 'all', text: '' };
  #sortedBy = 'newest';
  #lowest = 0;
  /** What the service takes, once it has said so. */
  limits: Model['limits'] | undefined;

  constructor(limits: () => Promise<Model['limits']>) {
    this.#limits = limits;
    void this.#store.readAll().then((kept) => this.#restore(kept));
    addEventListener('beforeunload', (event) => {
      if (this.inOrder().some(({ picture }) => picture.file && !picture.hasEnded)) event.preventDefault();
    });
  }

  /** Adds pictures for a model to see: the service's default one, or that of this name. */
  async add(files: readonly File[], model?: string): Promise<void> {
    this.#lowest -= ordersPerChoice;
    const first = this.#lowest;
    const before = this.#list.firstElementChild;
    this.#layOut(this.#entries.size + files.length);
    await inSlices([...files.entries()], (slice) => {
      const entries = slice.map(([at, file]) => {
        const picture = new Picture({ name: file.name, bytes: file.size, file, model });
        return this.#enter(picture, first + at);
      });
      this.#place(entries, before?.isConnected ? before : null);
      for (const entry of entries) this.#start(entry, files.length);
    });
    if (this.#sortedBy !== 'newest') this.#arrange();
  }

  async #restore(kept: readonly Remembered[]): Promise<void> {
    this.#lowest = Math.min(
      this.#lowest,
      Math.floor((kept[0]?.order ?? 0) / ordersPerChoice) * ordersPerChoice,
    );
    this.#layOut(this.#entries.size + kept.length);
    await inSlices(kept, (slice) => {
      const entries = slice.map((remembered) => this.#enter(Picture.restore(remembered), remembered.order));
      this.#place(entries, null);
      for (const entry of entries) if (!entry.picture.hasEnded) this.#process(entry);
    });
  }

  #enter(picture: Picture, order: number): Entry {
    const entry: Entry = { picture, card: new Card(picture), order };
    this.#entries.set(entry.card.element, entry);
    picture.onChange = () => {
      this.#changed.add(entry);
      this.#update();
    };
    return entry;
  }

  #place(entries: readonly Entry[], before: Element | null): void {
    const fragment = document.createDocumentFragment();
    fragment.append(...entries.map(({ card }) => card.element));
    this.#list.insertBefore(fragment, before);
    for (const { card, picture } of entries) {
      card.element.hidden = !matches(picture, this.#filter);
      this.#thumbnails.observe(card.element);
    }
    this.#update();
  }

  #start(entry: Entry, together: number): void {
    const { picture, card } = entry;
    if (picture.file) {
      const side = together < rowsFrom ? largeThumbnail : smallThumbnail;
      this.#thumbnails.request(card.element, { file: picture.file, side }, ({ blob, width, height }) => {
        if (blob === undefined || !this.#entries.has(card.element)) return;
        const format = picture.file?.type.split('/').at(-1);
        if (width && height) picture.image ??= { format, width, height };
        entry.thumbnail = blob;
        this.#store.putThumbnail(entry.order, blob);
        this.#remember(entry);
        card.showFacts();
        void card.showPreview(blob);
      });
    }
    this.#process(entry);
  }

  /** Kept thumbnails are read when they are looked at. */
  async #inView(element: Element): Promise<void> {
    const entry = this.#entries.get(element);
    if (entry === undefined || entry.thumbnail || entry.picture.file) return;
    const thumbnail = await this.#store.thumbnail(entry.order);
    if (thumbnail === undefined) return;
    entry.thumbnail = thumbnail;
    await entry.card.showPreview(thumbnail);
  }

  #process({ picture }: Entry): void {
    this.#pool.run(async () => {
      try {
        this.limits = await this.#limits();
        await picture.process(this.limits);
      } catch (error) {
        picture.fail(error);
      }
    });
  }

  #updateNow(): void {
    for (const entry of this.#changed) this.#show(entry);
    this.#changed.clear();
    this.#countNow();
  }

  #show(entry: Entry): void {
    const { picture, card } = entry;
    card.update();
    const sentence = describeEnd(picture.phase, picture.name);
    if (sentence !== undefined) {
      this.#announcer.ended(sentence);
      card.element.hidden = !matches(picture, this.#filter);
    }
    if (this.#entries.has(card.element)) this.#remember(entry);
  }

  retry(entries: readonly Entry[]): void {
    for (const entry of entries.filter(({ picture }) => picture.canRetry)) {
      entry.picture.retry();
      this.#process(entry);
    }
  }

  /** Deletes a picture here and at the service. It stays as it is where the service cannot be told. */
  async delete(entry: Entry): Promise<void> {
    const { picture, card } = entry;
    const problem = await deleted(picture);
    if (problem !== undefined) return card.showNote(problem);
    const next = card.element.nextElementSibling ?? card.element.previousElementSibling;
    const hadFocus = card.element.contains(document.activeElement);
    this.#remove([entry]);
    this.#announcer.say(`${picture.name} deleted.`);
    if (!hadFocus) return;
    const target = next instanceof HTMLElement ? next : find(document, '#choose', HTMLElement);
    target.focus();
  }

  /** Takes all pictures away, and tells the service once nobody has taken that back. */
  deleteAll(): void {
    const entries = this.inOrder();
    for (const { picture } of entries) picture.pause();
    this.#remove(entries);
    const words = `${countText(entries.length, 'picture')} deleted.`;
    this.#announcer.say(words);
    this.#undo.offer(words, (how) => {
      if (how === 'undone') this.#putBack(entries);
      else if (how === 'kept') this.#deleteForGood(entries);
      else for (const { picture } of entries) if (picture.jobId) deleteInLeaving(picture.jobId);
    });
  }

  #deleteForGood(entries: readonly Entry[]): void {
    const pool = new Pool(atOnce);
    for (const entry of entries) {
      pool.run(async () => {
        const problem = await deleted(entry.picture);
        if (problem === undefined) return;
        this.#putBack([entry]);
        entry.card.showNote(problem);
      });
    }
  }

  #putBack(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#entries.set(entry.card.element, entry);
      this.#remember(entry);
      if (entry.thumbnail) this.#store.putThumbnail(entry.order, entry.thumbnail);
      entry.picture.resume();
      if (!entry.picture.hasEnded) this.#process(entry);
    }
    this.#place(entries, this.#list.firstElementChild);
    this.#arrange();
  }

  #remove(entries: readonly Entry[]): void {
    for (const { card, order } of entries) {
      this.#entries.delete(card.element);
      this.#thumbnails.forget(card.element);
      this.#store.delete(order);
      card.element.remove();
    }
    this.#countNow();
  }

  show(filter: Filter, sortedBy: string): void {
    this.#filter = filter;
    this.#sortedBy = sortedBy;
    this.#arrange();
    const shown = this.inOrder().filter(({ card }) => !card.element.hidden).length;
    this.#announcer.say(`${countText(shown, 'picture')} shown.`);
  }

  #arrange(): void {
    const entries = sorted([...this.#entries.values()], this.#sortedBy);
    for (const { card, picture } of entries) card.element.hidden = !matches(picture, this.#filter);
    this.#list.append(...entries.map(({ card }) => card.element));
  }

  entryOf(element: Element | null): Entry | undefined {
    return element ? this.#entries.get(element) : undefined;
  }

  /** The pictures as the list shows them. */
  inOrder(): Entry[] {
    return [...this.#list.children].flatMap((element) => this.#entries.get(element) ?? []);
  }

  /** A picture as large as it can be had: the file, or its small copy after a reload. */
  async imageOf(entry: Entry): Promise<Blob | undefined> {
    return entry.picture.file ?? entry.thumbnail ?? this.#store.thumbnail(entry.order);
  }

  #layOut(count: number): void {
    this.#section.hidden = count === 0;
    this.#section.parentElement?.classList.toggle('some', count > 0);
    this.#list.className = count >= rowsFrom ? 'rows' : count >= gridFrom ? 'grid' : 'one';
  }

  #countNow(): void {
    const pictures = [...this.#entries.values()].map(({ picture }) => picture);
    if (pictures.length === this.#list.childElementCount) this.#layOut(pictures.length);
    this.#bar.update(pictures);
    this.#thumbnails.free = pictures.every((picture) => picture.hasEnded);
  }

  #remember({ picture, order }: Entry): void {
    const { name, bytes, jobId, image, model, phase } = picture;
    if (jobId === undefined && !picture.hasEnded) return;
    const seconds = this.limits?.retentionSeconds ?? 0;
    this.#store.put({
      ...{ order, name, bytes, jobId, image, model },
      labels: phase.kind === 'labelled' ? phase.labels : undefined,
      failure:
        phase.kind === 'failed' ? { code: phase.failure.code, detail: phase.failure.message } : undefined,
      expiresAt: Date.now() + seconds * 1000,
    });
  }
}

/** Resolves to words about what stood in the way, where the picture is not deleted. */
async function deleted(picture: Picture): Promise<string | undefined> {
  try {
    await picture.delete();
    return undefined;
  } catch (error) {
    return `Not deleted. ${error instanceof Error ? error.message : error}`;
  }
}
