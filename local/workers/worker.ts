import * as z from 'zod';
import { openClassifier } from '../../functions/classify/classifier.ts';
import { classifyHandler } from '../../functions/classify/handler.ts';
import { toContext } from '../http/event.ts';
import { LocalImageStore } from '../store/image-store.ts';
import { consoleTelemetry } from '../telemetry.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { linkToServer } from './server-link.ts';

/**
 * A worker process: the classify function as Lambda would run it. A process and not a thread, since the network's `run` blocks
 * its thread, and a thread ended meanwhile takes the whole process with it.
 */
const deliverySettings = z.object({ maxReceives: z.number(), visibilitySeconds: z.number() });
const options = z
  .object({ modelDir: z.string(), imageDir: z.string(), settings: deliverySettings })
  .parse(JSON.parse(process.env.WORKER_OPTIONS ?? ''));

let threads: 1 | 2 = 2;
const link = linkToServer((message: FromWorker) => process.send?.(message));
const classifier = await openClassifier(options.modelDir, { threads: () => threads });
const handler = classifyHandler({
  classifier,
  jobs: link.jobs,
  queue: link.queue,
  images: new LocalImageStore(options.imageDir),
  telemetry: consoleTelemetry(),
  settings: options.settings,
});

process.on('message', async (message: ToWorker) => {
  if (message.type === 'result') return link.settle(message);
  const { call, invocation } = message;
  threads = invocation.threads;
  const context = toContext(invocation.timeoutSeconds * 1000);
  link.tell({ type: 'answer', call, response: await handler(invocation.event, context) });
});
// The server is gone: whoever starts it again finds the message in the queue.
process.on('disconnect', () => process.exit());
// The terminal sends Ctrl-C to the whole group; the server says when a worker ends.
process.on('SIGINT', () => {});
link.tell({ type: 'ready' });
