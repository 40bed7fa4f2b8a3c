/**
 * `npm run stack [-- --model PATH]`: builds the service for this machine, starts an emulator, deploys to it and prints the address; Ctrl+C
 * takes all of it away. `STACK` names the emulator, `STACK_PORT` its port (4566).
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { deploy } from './deploy.ts';
import { emulatorEnvironment } from './emulator.ts';
import { startEmulator } from './start.ts';

async function main(): Promise<void> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await build(parseArgs({ options: { model: { type: 'string' } } }).values);
  console.log(`Built after ${seconds()}.`);
  const emulator = await startEmulator(Number(process.env.STACK_PORT || 4566));
  try {
    console.log(`${emulator.name} answers at ${emulator.endpoint} after ${seconds()}.`);
    const { url } = await deploy(emulator);
    console.log(`\nReady after ${seconds()}: ${url}`);
    console.log(`curl -F file=@photo.jpg ${url}predict\n`);
    const environment = Object.entries(emulatorEnvironment(emulator.endpoint));
    console.log(
      `For the AWS CLI: export ${environment.map(([name, value]) => `${name}=${value}`).join(' ')}`,
    );
    // LocalStack is no child of this process: nothing else would keep it waiting.
    const waiting = setInterval(() => {}, 60_000);
    await stopped;
    clearInterval(waiting);
  } finally {
    await emulator.stop();
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
