import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { jobAnswer, labels, predict, problem, useService } from '../support/e2e/client.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';
import { drawJpeg } from '../support/pictures/images.ts';

test('a photo of 8 MB from a phone is answered at once', async () => {
  await using service = await startLocalService();
  useService(service);
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const photo = sharp({ create: { width: 3500, height: 3500, channels: 3, background: '#888', noise } });
  const bytes = await photo.jpeg({ quality: 92 }).toBuffer();
  expect(bytes.length).toBeGreaterThan(8_000_000);
  const answer = await predict(bytes);
  expect(answer.status).toBe(200);
  expect(labels.parse(await answer.json())).toHaveLength(3);
});

const run = promisify(execFile);
const hasTools = await run('sh', ['-c', 'command -v curl && command -v jq']).then(
  () => true,
  () => false,
);

test.runIf(hasTools)(
  'where the limit is lower, the refusal gives a command that does it in two steps',
  async () => {
    await using folder = await temporaryFolder();
    await using service = await startLocalService({ INLINE_IMAGE_BYTES: '2000', BASE_PATH: '/some/prefix' });
    useService(service);
    const image = await drawJpeg();
    const { detail } = problem.parse(await (await predict(image)).json());
    const command = detail.split('POST /uploads: ')[1] ?? '';
    // As a terminal shows it inside JSON.
    expect(JSON.stringify(command)).toBe(`"${command}"`);
    await writeFile(join(folder.path, 'photo.jpg'), image);
    const { stdout } = await run('sh', ['-c', command], { cwd: folder.path });
    expect(jobAnswer.parse(JSON.parse(stdout))).toMatchObject({ status: 'succeeded', source: 'presigned' });
  },
);
