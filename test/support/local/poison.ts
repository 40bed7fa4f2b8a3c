import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Preloaded into a server and its workers by `NODE_OPTIONS`: reading an image that holds one of these words takes the process
 * down as a fault in native code would. The picture around the word is a real one.
 */
const faults: Readonly<Record<string, () => void>> = {
  'poison:SIGKILL': () => process.kill(process.pid, 'SIGKILL'),
  'poison:SIGSEGV': () => process.kill(process.pid, 'SIGSEGV'),
  'poison:abort': () => process.abort(),
  'poison:spin': () => {
    while (true);
  },
  // Waits without using the processor, as a process that is starved does.
  'poison:hang': () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};

fs.readSync = new Proxy(fs.readSync, {
  apply(target, self, args) {
    const bytes: unknown = Reflect.apply(target, self, args);
    const [, content] = args;
    if (Buffer.isBuffer(content)) {
      for (const [word, fault] of Object.entries(faults)) if (content.includes(word)) fault();
    }
    return bytes;
  },
});
syncBuiltinESMExports();
