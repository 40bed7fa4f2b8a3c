import { readFile } from 'node:fs/promises';
import { imageLimits } from '../../../functions/shared/limits.ts';
import { loadInputReader } from '../../../layers/model/run/input.ts';
import { toInput } from './decode.ts';

/** Makes images into the network's input, one after the other, and writes by how many bytes that raised the process's peak of memory. */
const [modelDir = '', ...files] = process.argv.slice(2);
const read = await loadInputReader(modelDir, [toInput], { limits: imageLimits, timeoutSeconds: 20 });
const peak = () => process.resourceUsage().maxRSS * 1024;
const before = peak();
for (const file of files) await read({ bytes: await readFile(file) });
process.stdout.write(String(peak() - before));
