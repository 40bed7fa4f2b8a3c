interface Event {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/**
 * Virtual time in milliseconds. Events happen in the order of their time, and everything that follows from one (promises
 * included, timers not) happens before the next. `onAdvance` is told the time, to set the clock that the code under test reads.
 */
export class VirtualClock {
  readonly #onAdvance: (now: number) => void;
  readonly #heap: Event[] = [];
  #order = 0;
  #now: number;

  constructor(start: number, onAdvance: (now: number) => void = () => {}) {
    this.#now = start;
    this.#onAdvance = onAdvance;
    onAdvance(start);
  }

  get now(): number {
    return this.#now;
  }

  at(time: number, happen: () => void): void {
    this.#heap.push({ at: Math.max(time, this.#now), order: this.#order++, happen });
    this.#rise(this.#heap.length - 1);
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.at(this.#now + milliseconds, resolve));
  }

  /** Runs until `done` or until nothing is left to happen. */
  async run(done: () => boolean = () => false): Promise<void> {
    await settle();
    while (!done()) {
      const event = this.#next();
      if (event === undefined) return;
      this.#now = event.at;
      this.#onAdvance(this.#now);
      event.happen();
      await settle();
    }
  }

  #next(): Event | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    this.#sink();
    return first;
  }

  #rise(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = this.#isEarlier(right, left) ? right : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #swapIfEarlier(lower: number, upper: number): boolean {
    const [a, b] = [this.#heap[lower], this.#heap[upper]];
    if (a === undefined || b === undefined || !this.#isEarlier(lower, upper)) return false;
    this.#heap[upper] = a;
    this.#heap[lower] = b;
    return true;
  }

  #isEarlier(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }
}

/** Until every promise that can go on has gone on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
