import { find } from './dom.ts';
import type { ThumbnailResult, ThumbnailTask } from './thumbnail-worker.ts';

interface Waiting {
  readonly element: Element;
  readonly task: ThumbnailTask;
  readonly done: (thumbnail: ThumbnailResult) => void;
}

/**
 * Makes small copies of pictures in a worker, one at a time: first of those in view, then, once nothing else is under way, of the rest.
 * A machine that also classifies has better things to do until then.
 */
export class Thumbnails {
  readonly #worker = createWorker();
  readonly #waiting = new Map<Element, Waiting>();
  readonly #inView = new Set<Element>();
  readonly #observer: IntersectionObserver;
  readonly #onView: (element: Element) => void;
  #current: Waiting | undefined;
  #free = true;

  /** `onView` is told once of each observed element that comes into view. */
  constructor(onView: (element: Element) => void) {
    this.#onView = onView;
    this.#observer = new IntersectionObserver((changes) => this.#seen(changes), { rootMargin: '200px' });
    if (this.#worker === undefined) return;
    this.#worker.onmessage = ({ data }: MessageEvent<ThumbnailResult>) => this.#ended(data);
    this.#worker.onerror = () => this.#ended({});
  }

  observe(element: Element): void {
    this.#observer.observe(element);
  }

  request(element: Element, task: Waiting['task'], done: Waiting['done']): void {
    this.#waiting.set(element, { element, task, done });
    this.#next();
  }

  forget(element: Element): void {
    this.#observer.unobserve(element);
    this.#waiting.delete(element);
    this.#inView.delete(element);
  }

  /** Says whether pictures out of view may be shrunk now. */
  set free(free: boolean) {
    this.#free = free;
    this.#next();
  }

  #seen(changes: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of changes) {
      if (!isIntersecting) this.#inView.delete(target);
      else {
        this.#inView.add(target);
        this.#onView(target);
      }
    }
    this.#next();
  }

  #ended(thumbnail: ThumbnailResult): void {
    const ended = this.#current;
    this.#current = undefined;
    ended?.done(thumbnail);
    this.#next();
  }

  #next(): void {
    if (this.#current !== undefined || this.#worker === undefined) return;
    const waiting = this.#firstInView() ?? (this.#free ? this.#waiting.values().next().value : undefined);
    if (waiting === undefined) return;
    this.#waiting.delete(waiting.element);
    this.#current = waiting;
    this.#worker.postMessage(waiting.task);
  }

  #firstInView(): Waiting | undefined {
    for (const element of this.#inView) {
      const waiting = this.#waiting.get(element);
      if (waiting !== undefined) return waiting;
    }
    return undefined;
  }
}

/** The worker's script lies in the page itself, which is one document. A browser that has no workers shows no small copies. */
function createWorker(): Worker | undefined {
  const source = find(document, '#thumbnail-worker', HTMLScriptElement).textContent;
  try {
    return new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  } catch {
    return undefined;
  }
}
