import { flushCompileCache } from 'node:module';
import { imageLimits, limits } from '../../functions/shared/limits.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import { ImageReader } from '../stores/image-file.ts';
import type { Order, Report, Setup } from './protocol.ts';

/**
 * A worker process: decodes and classifies, nothing else, so that an image that crashes a decoder ends this process only. It is a process
 * and not a thread, because the network's `run` blocks its thread, and a thread that crashes takes the others with it.
 */
// The server is gone: whoever starts it again finds the message in the queue.
process.on('disconnect', () => process.exit());
// The terminal sends Ctrl-C to the whole group; the server says when a worker ends.
process.on('SIGINT', () => {});
const { modelDir, oneThread, largeJpegs, keptPredictions } = await new Promise<Setup>((resolve) => {
  process.once('message', (setup: Setup) => resolve(setup));
});

const images = new ImageReader();
let threads: 1 | 2 = 2;
const classifier = await openClassifier(modelDir, {
  limits: imageLimits,
  keptPredictions,
  decodeTimeoutSeconds: limits.decodeSeconds,
  largeJpegs,
  threads: oneThread ? undefined : () => threads,
});

// One at a time: whoever watches from outside then knows which image takes the time, or took the process down.
let working = Promise.resolve();
process.on('message', (order: Order) => {
  working = working.then(async () => {
    threads = order.threads;
    report(await work(order));
  });
});
report({ type: 'ready' });
// A worker is ended by a signal, which would not write it.
flushCompileCache();

async function work({ call, path, bytes, models }: Order): Promise<Report> {
  try {
    if (bytes !== undefined)
      return { type: 'classified', call, classification: await classifier.classify({ bytes }, models) };
    using image = images.read(path);
    return { type: 'classified', call, classification: await classifier.classify(image, models) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ImageError) return { type: 'refused', call, code: error.code, message };
    return { type: 'failed', call, message };
  }
}

function report(message: Report): void {
  // A server that is gone hears nothing; `disconnect` says so.
  process.send?.(message, undefined, undefined, () => {});
}
