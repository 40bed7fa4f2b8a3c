/** A label and its score, as the API answers. */
export interface Scored {
  readonly label: string;
  readonly score: number;
}

/** What the page knows of the file, beyond its name. */
export interface ImageFacts {
  readonly format?: string | undefined;
  readonly width: number;
  readonly height: number;
}

/** A picture as the tab remembers it. `order` is its key and its place: the lowest stands first. */
export interface Remembered {
  readonly order: number;
  readonly name: string;
  readonly bytes: number;
  readonly jobId?: string | undefined;
  readonly image?: ImageFacts | undefined;
  /** What the model is called by that saw it, where one was chosen. */
  readonly model?: string | undefined;
  readonly labels?: readonly Scored[] | undefined;
  readonly failure?: { readonly code: string; readonly detail: string } | undefined;
  /** When the service forgets it too, in milliseconds since 1970. */
  readonly expiresAt: number;
}

const prefix = 'label-on-upload ';
const sessionKey = 'label-on-upload';
const patienceMilliseconds = 300;
type StoreName = 'pictures' | 'thumbnails';
type Write = (transaction: IDBTransaction) => void;

/**
 * What the tab keeps through a reload, in IndexedDB: one database for each tab. A browser that has none, or refuses to write, forgets;
 * nothing else depends on it.
 */
export class SessionStore {
  readonly #database = holdSession().then(openDatabase);
  #waiting: Write[] = [];
  #writing = false;

  async readAll(): Promise<Remembered[]> {
    const kept = await this.#read<Remembered[]>('pictures', (store) => store.getAll());
    const [alive, expired] = [
      kept?.filter(({ expiresAt }) => expiresAt > Date.now()),
      kept?.filter(({ expiresAt }) => expiresAt <= Date.now()),
    ];
    for (const { order } of expired ?? []) this.delete(order);
    return alive ?? [];
  }

  thumbnail(order: number): Promise<Blob | undefined> {
    return this.#read<Blob>('thumbnails', (store) => store.get(order));
  }

  put(picture: Remembered): void {
    this.#write((transaction) => transaction.objectStore('pictures').put(picture));
  }

  putThumbnail(order: number, thumbnail: Blob): void {
    this.#write((transaction) => transaction.objectStore('thumbnails').put(thumbnail, order));
  }

  delete(order: number): void {
    this.#write((transaction) => {
      transaction.objectStore('pictures').delete(order);
      transaction.objectStore('thumbnails').delete(order);
    });
  }

  #write(write: Write): void {
    this.#waiting.push(write);
    if (!this.#writing) void this.#flush();
  }

  /** One transaction at a time, with all that has gathered. */
  async #flush(): Promise<void> {
    this.#writing = true;
    const database = await this.#database;
    while (this.#waiting.length > 0) {
      const writes = this.#waiting.splice(0);
      if (database) await writeAll(database, writes);
    }
    this.#writing = false;
  }

  async #read<T>(name: StoreName, ask: (store: IDBObjectStore) => IDBRequest<T>) {
    const database = await this.#database;
    if (database === undefined) return undefined;
    return new Promise<T | undefined>((resolve) => {
      const request = ask(database.transaction(name).objectStore(name));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    });
  }
}

function writeAll(database: IDBDatabase, writes: readonly Write[]): Promise<void> {
  return new Promise((resolve) => {
    const transaction = database.transaction(['pictures', 'thumbnails'], 'readwrite');
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => resolve();
    for (const write of writes) write(transaction);
    transaction.commit();
  });
}

function openDatabase(name: string): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('pictures', { keyPath: 'order' });
        request.result.createObjectStore('thumbnails');
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

/** The name of this tab's database, which is marked as in use. A tab that was duplicated brings the name of another, and gets a new one. */
async function holdSession(): Promise<string> {
  const name = prefix + sessionId();
  if (!('locks' in navigator)) return name;
  const isOwn = hold(name);
  const held = isReload() || (await isOwn) ? name : prefix + newSessionId();
  if (held !== name) void hold(held);
  void removeClosed(held);
  return held;
}

/** A duplicate is not loaded by a reload, and what is kept through a reload must not depend on how soon the old page lets go. */
function isReload(): boolean {
  const [entry] = performance.getEntriesByType('navigation');
  return entry instanceof PerformanceNavigationTiming && entry.type === 'reload';
}

/** Resolves to whether the name is this tab's from now on. The page before it in this tab may take a moment to let go. */
function hold(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const keep = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks
      .request(name, isReload() ? {} : { signal: AbortSignal.timeout(patienceMilliseconds) }, keep)
      .catch(() => resolve(false));
  });
}

/** Removes the databases of tabs that are closed: what a tab shows is forgotten with it. */
async function removeClosed(own: string): Promise<void> {
  try {
    const { held = [] } = await navigator.locks.query();
    const alive = new Set([own, ...held.map((lock) => lock.name)]);
    for (const { name } of await indexedDB.databases())
      if (name?.startsWith(prefix) && !alive.has(name)) indexedDB.deleteDatabase(name);
  } catch {
    // The browser keeps no databases, or does not list them.
  }
}

function sessionId(): string {
  try {
    return sessionStorage.getItem(sessionKey) ?? newSessionId();
  } catch {
    return newSessionId();
  }
}

function newSessionId(): string {
  const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  try {
    sessionStorage.setItem(sessionKey, id);
  } catch {
    // Storage is switched off: the tab forgets when it is loaded again.
  }
  return id;
}
