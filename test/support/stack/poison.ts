import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Preloaded into the classify function by `NODE_OPTIONS`: an image that holds one of these words fails its try, or kills the process
 * as a fault in native code would. The picture around the word is a real one; the classifier takes its digest first.
 */
const faults: Readonly<Record<string, () => void>> = {
  'poison:error': () => {
    throw new Error('a poisoned image');
  },
  'poison:SIGKILL': () => process.kill(process.pid, 'SIGKILL'),
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
