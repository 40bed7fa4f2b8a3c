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
  readonly labels?: readonly Scored[] | undefined;
  readonly failure?: { readonly code: string; readonly detail: string } | undefined;
  /** When the service forgets it too, in milliseconds since 1970. */
  readonly expiresAt: number;
}

const prefix = 'label-on-upload ';
const sessionKey = 'label-on-upload';
type StoreName = 'pictures' | 'thumbnails';
type Write = (transaction: IDBTransaction) => void;

/**
 * What the tab keeps through a reload, in IndexedDB: one database for each tab. A browser that has none, or refuses to write, forgets;
 * nothing else depends on it.
 */
export class SessionStore {
  readonly #name = prefix + sessionId();
  readonly #database: Promise<IDBDatabase | undefined>;
  #waiting: Write[] = [];
  #writing = false;

  constructor() {
    this.#database = openDatabase(this.#name);
    void holdSession(this.#name);
  }

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

function sessionId(): string {
  const fresh = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  try {
    const id = sessionStorage.getItem(sessionKey) ?? fresh;
    sessionStorage.setItem(sessionKey, id);
    return id;
  } catch {
    return fresh;
  }
}

/** Marks this tab's database as in use, and removes those of tabs that are closed: what a tab shows is forgotten with it. */
async function holdSession(name: string): Promise<void> {
  if (!('locks' in navigator)) return;
  void navigator.locks.request(name, () => new Promise(() => {}));
  const { held = [] } = await navigator.locks.query();
  const alive = new Set([name, ...held.map((lock) => lock.name)]);
  for (const database of (await indexedDB.databases?.()) ?? []) {
    if (database.name?.startsWith(prefix) && !alive.has(database.name))
      indexedDB.deleteDatabase(database.name);
  }
}
