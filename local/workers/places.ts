/** A place taken in a worker; to be given back when the work is done. */
export interface Place<Worker> {
  readonly worker: Worker;
  /** Places that are taken in all workers, this one included. */
  readonly taken: number;
  release(): void;
}

interface Occupancy<Worker> {
  readonly worker: Worker;
  taken: number;
  alone: boolean;
}

interface Request<Worker> {
  readonly alone: boolean;
  readonly grant: (place: Place<Worker>) => void;
}

/** Places in workers, the same number in each. A request gets one in the least busy worker, first come, first served. */
export class Places<Worker> {
  readonly #perWorker: number;
  readonly #occupancies: Occupancy<Worker>[] = [];
  readonly #requests: Request<Worker>[] = [];

  constructor(perWorker: number) {
    this.#perWorker = perWorker;
  }

  /** How many workers there are. */
  get size(): number {
    return this.#occupancies.length;
  }

  add(worker: Worker): void {
    this.#occupancies.push({ worker, taken: 0, alone: false });
    this.#grantAll();
  }

  remove(worker: Worker): void {
    const index = this.#occupancies.findIndex((occupancy) => occupancy.worker === worker);
    if (index >= 0) this.#occupancies.splice(index, 1);
  }

  /** Waits for a place; `alone` for one in a worker that does nothing else meanwhile. */
  take(alone: boolean): Promise<Place<Worker>> {
    const { promise, resolve } = Promise.withResolvers<Place<Worker>>();
    this.#requests.push({ alone, grant: resolve });
    this.#grantAll();
    return promise;
  }

  #grantAll(): void {
    for (let request = this.#requests[0]; request !== undefined; request = this.#requests[0]) {
      const occupancy = this.#choose(request.alone);
      if (occupancy === undefined) return;
      this.#requests.shift();
      this.#occupy(occupancy, request);
    }
  }

  #choose(alone: boolean): Occupancy<Worker> | undefined {
    const most = alone ? 0 : this.#perWorker - 1;
    return this.#occupancies
      .filter((occupancy) => !occupancy.alone && occupancy.taken <= most)
      .sort((a, b) => a.taken - b.taken)[0];
  }

  #occupy(occupancy: Occupancy<Worker>, { alone, grant }: Request<Worker>): void {
    occupancy.taken++;
    occupancy.alone = alone;
    const taken = this.#occupancies.reduce((sum, other) => sum + other.taken, 0);
    const release = () => {
      occupancy.taken--;
      occupancy.alone = false;
      this.#grantAll();
    };
    grant({ worker: occupancy.worker, taken, release });
  }
}
