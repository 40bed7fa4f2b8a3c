/** Runs tasks in the order they come, at most `size` at once. HTTP/1.1 has six connections to a host. */
export class Pool {
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #size: number;
  #running = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** A task must not reject. */
  run(task: () => Promise<void>): void {
    this.#waiting.push(task);
    this.#next();
  }

  #next(): void {
    if (this.#running >= this.#size) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    this.#running++;
    void task().finally(() => {
      this.#running--;
      this.#next();
    });
  }
}
