import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Preloaded into a server and its workers by `NODE_OPTIONS`: an image that holds one of these words takes the worker that computes its
 * digest down as a fault in native code would. The picture around the word is a real one.
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

crypto.hash = new Proxy(crypto.hash, {
  apply(target, self, args) {
    const [, content] = args;
    if (content instanceof Uint8Array) {
      const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
      for (const [word, fault] of Object.entries(faults)) if (bytes.includes(word)) fault();
    }
    return Reflect.apply(target, self, args);
  },
});
syncBuiltinESMExports();
