import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname } from 'node:path';

/**
 * glibc keeps freed memory in an arena for each thread, and a worker has many threads: two arenas, given back early, take a
 * quarter less. Other C libraries ignore these. https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
 */
const frugalMemory = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** Images pass through the heap as short-lived strings and buffers; room for more of them is only kept, never used. In MiB. */
const youngGeneration = '--max-semi-space-size=4';

/** Starts a process that loads the code of a worker and waits to be told its settings. */
export function forkWorker(): ChildProcess {
  return fork(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), [], {
    env: { ...frugalMemory, ...process.env, ...compileCache() },
    execArgv: [...process.execArgv, youngGeneration],
    // Images may go along as bytes.
    serialization: 'advanced',
  });
}

/** The server's own folder is one below the one to be named. */
function compileCache(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

/** Processes that are started before it is known what they will work on: they load their code while the model is looked for. */
export class EarlyWorkers implements Disposable {
  readonly #waiting: ChildProcess[];

  constructor(count: number) {
    this.#waiting = Array.from({ length: count }, forkWorker);
  }

  /** One of them, or a new one where none is left. */
  readonly take = (): ChildProcess => this.#waiting.pop() ?? forkWorker();

  /** Ends those that nobody took. */
  [Symbol.dispose](): void {
    for (const child of this.#waiting.splice(0)) child.kill('SIGKILL');
  }
}
