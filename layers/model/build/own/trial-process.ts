import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { modelSchema } from '../../description.ts';
import { openNetwork } from '../../run/network.ts';
import { tensorWriter } from '../../run/tensor.ts';

/** The process in which a network is tried for the first time: see `trial.ts`. It receives one order and answers once. */
const orderSchema = modelSchema
  .pick({ input: true, output: true, preprocessing: true })
  .extend({ network: z.string() });

process.once('message', async (message) => {
  process.send?.(await tryOnce(orderSchema.parse(message)));
});

async function tryOnce({ network: path, input, output, preprocessing }: z.infer<typeof orderSchema>) {
  try {
    const started = performance.now();
    const network = await openNetwork(path, { input, output });
    const loaded = performance.now();
    const { width, height } = input;
    const blank = new Uint8Array(width * height * 3);
    const tensor = tensorWriter(input, preprocessing)(blank, { width, height }, { left: 0, top: 0 });
    await network.run(tensor);
    const warm = performance.now();
    const scores = await network.run(tensor);
    const finished = performance.now();
    return {
      scores: [...scores],
      memoryMb: await peakMemoryMb(),
      loadMilliseconds: loaded - started,
      runMilliseconds: Math.min(finished - warm, warm - loaded),
    };
  } catch (error) {
    return { problem: toSentence(error instanceof Error ? error.message : String(error)) };
  }
}

/**
 * The most memory that this process has had. On Linux `maxRSS` begins with what the parent had when it started this process, which has read
 * the whole network: `VmHWM` does not (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html).
 */
async function peakMemoryMb(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kibibytes) / 1024;
}

/** The first line of what onnxruntime says, without its full stop and without paths of its own sources. */
function toSentence(message: string): string {
  const [line = ''] = message.split('\n');
  return line
    .replace(/\s*\/\S+\.(cc|h):\d+ \S+/g, '')
    .replace(/\.\s*$/, '')
    .slice(0, 300);
}
