import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { freePort } from '../../infra/emulator/free-port.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const line = z.looseObject({ level: z.string(), msg: z.string(), job: z.string().optional() });

/** Every line that the server has printed: each must be JSON. */
const linesOf = (service: LocalService) =>
  service
    .output()
    .split('\n')
    .map((text) => line.parse(JSON.parse(text)));

const key = 'a-key-that-nobody-knows';

describe('A server that logs JSON and requests', () => {
  test('prints nothing but JSON, and names the job of a request as the lines about its image do', async () => {
    await using service = await startLocalService({
      ...{ LOG_FORMAT: 'json', ACCESS_LOG: 'on', API_KEY: key },
    });
    const form = new FormData();
    form.append('file', new Blob([await drawJpeg(64, 64)]), 'my-holiday.jpg');
    const headers = { Authorization: `Bearer ${key}`, 'X-Request-Id': 'from-the-proxy' };
    const answer = await fetch(`${service.url}predict?top=2`, {
      method: 'POST',
      headers,
      body: form,
    });
    expect(answer.headers.get('X-Request-Id')).toBe('from-the-proxy');
    const job = answer.headers.get('Location')?.split('/')[1];
    await fetch(`${service.url}model?key=${key}`);
    await expect.poll(() => linesOf(service).filter(({ msg }) => msg === 'request')).toHaveLength(2);
    const lines = linesOf(service);
    expect(lines.filter((found) => found.job === job).map(({ msg }) => msg)).toEqual([
      'job ended',
      'request',
    ]);
    expect(lines).toContainEqual(
      expect.objectContaining({
        request: 'from-the-proxy',
        route: '/predict',
        path: '/predict',
        status: 200,
      }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ path: '/model', status: 401 }));
    expect(service.output()).not.toMatch(new RegExp(`${key}|holiday`));
  });
});

describe('A server that logs requests for people', () => {
  test('shows nothing that a request makes up as a line of its own', async () => {
    await using service = await startLocalService({ ACCESS_LOG: 'on' });
    const { port } = new URL(service.url);
    const socket = connect(Number(port), '127.0.0.1');
    const forged = '2026-01-01T00:00:00.000Z error forged status=200';
    socket.write(
      `GET /%0a${encodeURIComponent(forged)} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: a\t${forged}\r\n` +
        `X-Request-Id: x ${forged}\r\nConnection: close\r\n\r\n`,
    );
    await expect.poll(() => service.output()).toMatch(/ info request .*status=404/);
    const lines = service.output().split('\n');
    expect(lines.filter((text) => /^\S+ error/.test(text))).toEqual([]);
    expect(lines.find((text) => text.includes(' info request '))).toMatch(
      /request=[\w-]{36} method=GET path="\/%0a2026[^"]*" .* agent="a\\t2026.*"$/,
    );
    socket.destroy();
  });
});

describe('METRICS', () => {
  test('moves them to an address of their own, which answers nothing else and needs no key', async () => {
    const port = await freePort();
    await using service = await startLocalService({ METRICS: `127.0.0.1:${port}`, API_KEY: key });
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect([metrics.status, await metrics.text()]).toEqual([
      200,
      expect.stringContaining('label_on_upload_workers'),
    ]);
    expect((await fetch(`http://127.0.0.1:${port}/model`)).status).toBe(404);
    const headers = { 'X-Api-Key': key };
    expect((await fetch(`${service.url}metrics`, { headers })).status).toBe(404);
  });

  test('switches them off', async () => {
    await using service = await startLocalService({ METRICS: 'off' });
    expect((await fetch(`${service.url}metrics`)).status).toBe(404);
    expect((await fetch(`${service.url}ready`)).status).toBe(200);
  });

  test('says what is wrong with an address that is taken', async () => {
    await using other = await startLocalService();
    const { host } = new URL(other.url);
    await expect(startLocalService({ METRICS: host })).rejects.toThrow(
      `METRICS names ${host}, which cannot be listened on (EADDRINUSE).`,
    );
  });
});
