/**
 * `npm run recording`: shows the installed package's commands as `docs/images/terminal.gif`. What they print, and how long they take, is
 * real; the typing is not.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packAndInstall, runIn, serve } from '../support/package/installed.ts';
import { Recording } from '../support/terminal/recording.ts';

await using installed = await packAndInstall();
const { folder, environment } = installed;
await mkdir(join(folder, 'photos'));
for (const name of ['balloon', 'clock', 'daisy', 'traffic-light'])
  await cp(`web/samples/${name}.webp`, join(folder, 'photos', `${name}.webp`));

const recording = new Recording(19);
const shell = { ...installed, environment: { ...environment, TERM: 'dumb' } };

async function show(command: string, run = command): Promise<void> {
  const started = performance.now();
  const { stdout, stderr } = await runIn(shell, 'sh', ['-c', run]);
  recording.add(command, `${stdout}${stderr}`, performance.now() - started);
}

const predict = (args: string) => `node_modules/.bin/label-on-upload predict ${args}`;
// The first run builds the model; the ones that follow are what people see each day.
await runIn(shell, 'sh', ['-c', predict('photos')]);
await show('npx label-on-upload predict photos --top 2', predict('photos --top 2'));
await show(
  'npx label-on-upload predict photos -o labels.csv && head -3 labels.csv',
  `${predict('photos -o labels.csv')} && head -3 labels.csv`,
);
const server = await serve(installed);
const curl = 'curl -F file=@photos/daisy.webp';
await show(`${curl} http://localhost:8000/predict`, `${curl} -s ${server.url}predict`);
server.process.kill('SIGTERM');
await server.exited;
await writeFile('docs/images/terminal.gif', await recording.toGif());
