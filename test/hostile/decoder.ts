import { imageLimits } from '../../functions/shared/limits.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import { loadInputReader } from '../../layers/model/run/input.ts';
import { toInput } from '../support/model/decode.ts';
import { Cases } from './cases.ts';
import type { CaseReport } from './report.ts';

/**
 * A process that decodes cases as a worker does, one after the other, and reports each: `node decoder.ts KERNELS SEED FROM TO`. It may crash; whoever
 * started it then knows at which case.
 */
const [kernels = '', seed, from, to] = process.argv.slice(2);

async function run(): Promise<void> {
  const cases = await Cases.create(Number(seed));
  const read = await loadInputReader(kernels, [toInput], { limits: imageLimits, timeoutSeconds: 10 });
  for (let index = Number(from); index < Number(to); index++) {
    const { name, bytes } = await cases.make(index);
    const before = process.cpuUsage();
    const outcome = await read({ bytes }).then(() => 'pixels', outcomeOf);
    const { user, system } = process.cpuUsage(before);
    const megabytes = process.resourceUsage().maxRSS / 1024;
    const report: CaseReport = { index, name, outcome, milliseconds: (user + system) / 1000, megabytes };
    await new Promise((resolve) => process.send?.(report, resolve));
  }
  process.disconnect();
}

function outcomeOf(error: unknown): string {
  if (error instanceof ImageError) return error.code;
  return `fault: ${error instanceof Error ? `${error.stack} ${String(error.cause)}` : String(error)}`;
}

await run();
