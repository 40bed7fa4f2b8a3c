import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { at, predict, requestUpload, useService } from '../support/e2e/client.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const aborts = 2000;
const atOnce = 50;

test(`${aborts} uploads that break off leave no descriptor and no file`, async () => {
  await using service = await startLocalService({ WORKERS: '1' });
  useService(service);
  const image = await drawJpeg();
  expect((await predict(image)).status).toBe(200);
  const count = async () => ({
    descriptors: (await readdir(`/proc/${service.process.pid}/fd`)).length,
    files: (await readdir(join(service.dataDir, 'images', 'incoming'))).length,
  });
  const before = await count();
  const { upload } = await requestUpload();
  const form = Object.entries(upload.fields)
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('');
  const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n';
  const head = (path: string) =>
    `POST ${at(path).pathname} HTTP/1.1\r\nHost: ${at('').host}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n`;
  const kinds = [
    head('storage') + form + file + 'x'.repeat(20_000),
    head('storage') + form,
    head('predict') + file,
  ];
  for (let sent = 0; sent < aborts; sent += atOnce)
    await Promise.all(
      Array.from({ length: atOnce }, (_, index) => breakOff(kinds[index % kinds.length] ?? '')),
    );
  await expect.poll(count, { timeout: 10_000 }).toMatchObject({ files: 0 });
  const after = await count();
  console.log(`before ${JSON.stringify(before)}, after ${aborts} aborts ${JSON.stringify(after)}`);
  // A connection that was just closed, or one of this test's own, may be open for a moment.
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 5);
  expect((await predict(image)).status).toBe(200);
});

/** Sends the beginning of a request, and hangs up once the server has had time to read it. */
function breakOff(bytes: string): Promise<void> {
  const { hostname, port } = at('');
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 5));
    });
    socket.on('close', () => resolve()).on('error', () => {});
  });
}
