/**
 * `npm run test:hostile -- [--cases N] [--seed N]`: holds the decoders to hostile files. All kinds of them are in the first 2,000 cases; what comes
 * after are valid files with a bit turned over, others for each seed.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { cases: { type: 'string' }, seed: { type: 'string' } } });
const environment = { ...process.env };
if (values.cases !== undefined) environment.HOSTILE_CASES = values.cases;
if (values.seed !== undefined) environment.HOSTILE_SEED = values.seed;
const run = spawn('npx', ['vitest', 'run', '--project=hostile'], { env: environment, stdio: 'inherit' });
run.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
