import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import {
  kill,
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { drawPicture } from '../support/pictures/images.ts';

/** `npm run test:soak -- --photos 10000`: posts photos to one server and prints at each quarter what it holds. */
const { values } = parseArgs({ options: { photos: { type: 'string', default: '10000' } } });
const total = z.coerce.number().int().min(100).parse(values.photos);
const clients = 8;
const variants = 40;
const quarters = 4;
/** Of its size after the first quarter, this much more a thing may have at the end before it counts as growing. */
const tolerance = 1.3;

await using folder = await temporaryFolder();
const server = await startServerProcess({
  ...(await modelEnvironment()),
  DATA_DIR: folder.path,
  // Jobs and images are removed while the test runs: what is kept levels off.
  RETENTION_SECONDS: '60',
});
const photos = await Promise.all(
  Array.from({ length: variants }, (_, variant) =>
    drawPicture(400 + 40 * variant, 300 + 30 * variant, variant)
      .jpeg({ quality: 90 })
      .toBuffer(),
  ),
);
const began = performance.now();
const seen = [];
for (let quarter = 1; quarter <= quarters; quarter++) {
  await post(((quarter - 1) * total) / quarters, (quarter * total) / quarters);
  const held = await holdings(server);
  seen.push(held);
  const rate = (quarter * total) / quarters / ((performance.now() - began) / 1000);
  console.log(`${(quarter * total) / quarters} photos, ${rate.toFixed(0)} a second: ${JSON.stringify(held)}`);
}
await kill(server);
const [first, last] = [seen[0], seen.at(-1)];
if (first === undefined || last === undefined) throw new Error('Nothing was measured.');
const grown = (['serverMiB', 'workersMiB', 'descriptors', 'walMiB'] as const).filter(
  (name) => last[name] > Math.max(1, first[name]) * tolerance,
);
console.log(grown.length === 0 ? 'Nothing grows.' : `Grows: ${grown.join(', ')}`);
process.exitCode = grown.length === 0 ? 0 : 1;

/** Posts the photos from one number to another, so many at once, and ends the run where one is not answered with labels. */
async function post(from: number, to: number): Promise<void> {
  let next = from;
  const client = async () => {
    for (let photo = next++; photo < to; photo = next++) {
      // A few bytes behind the picture's end make each file another one.
      const bytes = Buffer.concat([
        photos[photo % variants] ?? Buffer.alloc(0),
        Buffer.from(`photo ${photo}`),
      ]);
      const answer = await fetch(new URL('predict', server.url), { method: 'POST', body: bytes });
      if (answer.status !== 200) throw new Error(`Photo ${photo}: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function holdings({ process: { pid = 0 }, workers }: ServerProcess) {
  const ofWorkers = await Promise.all((await workers()).map(residentMiB));
  const sizeMiB = async (name: string) => {
    const size = await stat(join(folder.path, name)).then(
      (facts) => facts.size,
      () => 0,
    );
    return round(size / 1024 ** 2);
  };
  return {
    serverMiB: await residentMiB(pid),
    workersMiB: round(ofWorkers.reduce((sum, size) => sum + size, 0)),
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
    databaseMiB: await sizeMiB('jobs.sqlite'),
    walMiB: await sizeMiB('jobs.sqlite-wal'),
    images: (await readdir(join(folder.path, 'images', 'inline'))).length,
  };
}

/** Memory that a process has in RAM. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024);
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
