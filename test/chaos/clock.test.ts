import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { jobAnswer, predict, untilEnded, useService } from '../support/e2e/client.ts';
import { kill, startServerProcess, temporaryFolder } from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const preload = fileURLToPath(new URL('../support/local/clock-shift.ts', import.meta.url));
const image = await drawJpeg(1200, 900);

async function submit(count: number): Promise<string[]> {
  const answers = Array.from({ length: count }, () => predict(image, '', { Prefer: 'respond-async' }));
  return Promise.all(answers.map(async (answer) => jobAnswer.parse(await (await answer).json()).id));
}

test('a clock that is set back by two hours holds no job back, not even over a restart', async () => {
  await using folder = await temporaryFolder();
  const environment = {
    ...(await modelEnvironment()),
    DATA_DIR: folder.path,
    WORKERS: '1',
    NODE_OPTIONS: `--import=${preload}`,
  };
  const first = await startServerProcess(environment);
  useService(first);
  const queued = await submit(30);
  first.signal('SIGUSR2');
  const later = await submit(10);
  for (const id of [...queued, ...later])
    expect(await untilEnded(id, 60)).toMatchObject({ status: 'succeeded' });
  const left = await submit(30);
  await kill(first);

  const second = await startServerProcess({ ...environment, CLOCK_BACK: 'yes' });
  useService(second);
  for (const id of left) expect(await untilEnded(id, 60)).toMatchObject({ status: 'succeeded' });
  await kill(second);
});
