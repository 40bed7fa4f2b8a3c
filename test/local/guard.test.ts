import { describe, expect, test } from 'vitest';
import { at, postForm, predict, problem, requestUpload, useService } from '../support/e2e/client.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { sendRaw } from '../support/local/raw.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const image = await drawJpeg();
const foreign = 'https://pages.example';

const start = (environment: Record<string, string> = {}) =>
  startLocalService({ WORKERS: '1', ...environment });

/** Posts an image with these headers as they are, Host included, which `fetch` would not send. */
async function postRaw(headers: Record<string, string>, path = 'predict') {
  const { host, pathname } = at(path);
  const lines = Object.entries({ Host: host, 'Content-Length': image.length, ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const answer = await sendRaw(`POST ${pathname} HTTP/1.1\r\n${head}\r\n`);
  return { status: answer.status, code: problem.parse(JSON.parse(answer.body)).code };
}

const headerNames = (response: Response) => [...response.headers.keys()];

describe('a server as it starts by itself', () => {
  test('refuses other sites before it reads what they send, storage included', async () => {
    await using service = await start();
    useService(service);
    const refused = { status: 403, code: 'cross_site' };
    expect(await postRaw({ Origin: foreign })).toEqual(refused);
    expect(await postRaw({ Origin: 'null' })).toEqual(refused);
    expect(await postRaw({ Origin: 'http://localhost:3000' })).toEqual(refused);
    expect(await postRaw({ 'Sec-Fetch-Site': 'cross-site' })).toEqual(refused);
    expect(await postRaw({ Origin: foreign }, 'storage')).toEqual(refused);
    for (const path of ['', 'health', 'status/1', 'nothing']) {
      const answer = await fetch(at(path), { headers: { 'Sec-Fetch-Site': 'cross-site' } });
      expect(answer.status).toBe(403);
    }
  });

  test('serves programs, its own page and a visitor who follows a link', async () => {
    await using service = await start();
    useService(service);
    expect((await predict(image)).status).toBe(200);
    const own = { Origin: at('').origin, 'Sec-Fetch-Site': 'same-origin' };
    expect((await predict(image, '', own)).status).toBe(200);
    const followed = 'Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n';
    const visit = (start: string) => sendRaw(`${start} HTTP/1.1\r\nHost: ${at('').host}\r\n${followed}\r\n`);
    expect((await visit('GET /')).status).toBe(200);
    expect((await visit('POST /predict')).status).toBe(403);
  });

  test('gives no CORS header, and nosniff with every answer', async () => {
    await using service = await start();
    useService(service);
    const upload = await requestUpload();
    const answers = [
      await fetch(at('')),
      await fetch(at('model')),
      await fetch(at('nothing')),
      await fetch(at('predict'), { method: 'OPTIONS' }),
      await fetch(at('health'), { headers: { Origin: foreign } }),
      await predict(image),
      await postForm(upload, image),
      await postForm(upload, image, { key: 'other' }),
      await fetch(at('storage'), { method: 'OPTIONS' }),
      await fetch(at(`status/${upload.id}/events`)),
    ];
    for (const answer of answers) {
      expect(headerNames(answer).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test.each(['attacker.example', 'attacker.example:8000', 'localhost.attacker.example', 'a@localhost', ''])(
    'does not answer for the host "%s"',
    async (host) => {
      await using service = await start();
      useService(service);
      expect(await postRaw({ Host: host })).toEqual({ status: 421, code: 'misdirected' });
    },
  );

  test.each(['localhost', 'localhost:8000', '127.0.0.1', '192.168.1.20:8000', '[::1]:8000', 'app.localhost'])(
    'answers for the host "%s"',
    async (host) => {
      await using service = await start();
      useService(service);
      const answer = await sendRaw(`GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(answer.status).toBe(200);
    },
  );
});

describe('a server whose operator says more', () => {
  test('serves the origins of ALLOWED_ORIGINS, problems and storage included, and no other', async () => {
    await using service = await start({ ALLOWED_ORIGINS: foreign, MAX_WAITING: '1' });
    useService(service);
    const headers = { Origin: foreign, 'Sec-Fetch-Site': 'cross-site' };
    for (const path of ['health', 'nothing', 'storage']) {
      const answer = await fetch(at(path), { headers });
      expect(answer.headers.get('access-control-allow-origin')).toBe(foreign);
    }
    const preflight = await fetch(at('predict'), {
      method: 'OPTIONS',
      headers: { ...headers, 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    expect((await predict(image, '', headers)).status).toBe(200);
    expect(await postRaw({ Origin: 'https://another.example' })).toMatchObject({ status: 403 });
  });

  test('answers for PUBLIC_URL and ALLOWED_HOSTS, under a base path too, and its page may post there', async () => {
    const name = 'https://labels.example';
    await using service = await start({
      PUBLIC_URL: `${name}/vision/`,
      BASE_PATH: '/vision',
      ALLOWED_HOSTS: 'box, box.local',
    });
    useService(service);
    expect(service.url).toContain('/vision/');
    const ask = (host: string, more = '') =>
      sendRaw(`GET /vision/health HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`).then(({ status }) => status);
    expect(await ask('labels.example', `Origin: ${name}\r\n`)).toBe(200);
    expect(await ask('127.0.0.1:8000', `Origin: ${name}\r\n`)).toBe(200);
    expect(await ask('box:8000')).toBe(200);
    expect(await ask('BOX.local.')).toBe(200);
    expect(await ask('other.example')).toBe(421);
    expect(await ask('labels.example', `Origin: ${foreign}\r\n`)).toBe(403);
  });

  test('asks for API_KEY everywhere but at /health and at the storage that a form is signed for', async () => {
    await using service = await start({ API_KEY: 'correct-horse', HOST: '0.0.0.0' });
    useService(service);
    expect(service.output()).not.toContain('no API_KEY');
    const status = async (path: string, headers: Record<string, string>) =>
      (await fetch(at(path), { headers })).status;
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    for (const path of ['', 'model', 'labels', 'nothing', 'status/1', 'openapi.json'])
      expect(await status(path, {})).toBe(401);
    expect(await status('model', { 'X-Api-Key': 'wrong-horse' })).toBe(401);
    expect(await status('health', {})).toBe(200);
    expect(await status('model', { 'X-Api-Key': 'correct-horse' })).toBe(200);
    expect(await status('model', { Authorization: 'Bearer correct-horse' })).toBe(200);
    expect(await status('', { Authorization: basic('anybody:correct-horse') })).toBe(200);
    expect((await fetch(at(''))).headers.get('www-authenticate')).toContain('Basic');
    expect((await predict(image)).status).toBe(401);
    expect((await predict(image, '', { 'X-Api-Key': 'correct-horse' })).status).toBe(200);
    expect((await fetch(at('storage'), { method: 'POST', body: new FormData() })).status).not.toBe(401);
  });

  test('is told at the start where others may use it without a key', async () => {
    await using service = await start({ HOST: '0.0.0.0' });
    useService(service);
    expect(service.output()).toContain('there is no API_KEY');
  });
});
