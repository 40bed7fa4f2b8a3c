import { connect, type Socket } from 'node:net';

/** What became of one request: its status, and milliseconds from when it was due to its answer. */
export interface Arrival {
  readonly status: number;
  readonly milliseconds: number;
  /** When the answer came, on the clock of `performance.now()`. */
  readonly at: number;
}

export interface OpenLoop {
  readonly url: URL;
  /** The request's bytes, whole. */
  readonly request: Buffer;
  /** Requests a second, sent whether earlier ones have been answered or not. */
  readonly rate: number;
  readonly seconds: number;
  /** No more connections than this: what finds none is not sent, and counts as status 0. */
  readonly mostConnections?: number;
}

const tickMilliseconds = 5;

/** Sends requests at a rate of its own, as a crowd does, and resolves to what became of each, when all are answered. */
export async function openLoop({
  url,
  request,
  rate,
  seconds,
  mostConnections = 2000,
}: OpenLoop): Promise<Arrival[]> {
  const idle: Connection[] = [];
  const all: Connection[] = [];
  const answers: Promise<Arrival>[] = [];
  const began = performance.now();
  const send = async (due: number): Promise<Arrival> => {
    let connection = idle.pop();
    if (connection === undefined && all.length < mostConnections) {
      connection = new Connection(url);
      all.push(connection);
    }
    const status = connection === undefined ? 0 : await connection.send(request);
    if (connection !== undefined && status > 0) idle.push(connection);
    const at = performance.now();
    return { status, milliseconds: at - due, at };
  };
  for (let sent = 0; sent < rate * seconds; ) {
    const due = Math.min(rate * seconds, ((performance.now() - began) / 1000) * rate);
    for (; sent < due; sent++) answers.push(send(began + (sent / rate) * 1000));
    await new Promise((resolve) => setTimeout(resolve, tickMilliseconds));
  }
  const results = await Promise.all(answers);
  for (const connection of all) connection.close();
  return results;
}

/** One connection that is kept open, with one request under way at most. Reads no more of an answer than its status and its end. */
class Connection {
  readonly #socket: Socket;
  #received = '';
  #answer: ((status: number) => void) | undefined;

  constructor(url: URL) {
    this.#socket = connect(Number(url.port), url.hostname).setNoDelay(true).setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => this.#read(chunk));
    this.#socket.on('error', () => {}).on('close', () => this.#answer?.(0));
  }

  /** Resolves to the status, 0 where the connection broke. */
  send(request: Buffer): Promise<number> {
    this.#received = '';
    this.#socket.write(request);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#received += chunk;
    const end = this.#received.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (end < 0 || this.#received.length < end + 4 + length) return;
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(Number(this.#received.slice(9, 12)));
  }
}
