import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, useServiceForFile } from '../support/e2e/client.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { rawProblem, sendRaw } from '../support/local/raw.ts';

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService({ WORKERS: '1' });
  useServiceForFile(service);
});
afterAll(() => service[Symbol.asyncDispose]());

const problem = (status: number, code: string) => ({
  status,
  code,
  type: 'application/problem+json',
  nosniff: 'nosniff',
});
const host = () => `Host: ${at('').host}`;

describe('what is no request that HTTP knows is answered as problem details', () => {
  test.each([
    ['bytes that are no HTTP', () => 'these are words\r\n\r\n', 400, 'malformed_request'],
    ['a request without Host', () => 'GET /health HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
    [
      'two lengths',
      () => `POST /predict HTTP/1.1\r\n${host()}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      400,
      'malformed_request',
    ],
    [
      'headers that are too large',
      () => `GET /health HTTP/1.1\r\n${host()}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'chunk extensions that are too large',
      () =>
        `POST /predict HTTP/1.1\r\n${host()}\r\nTransfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}\r\nab\r\n0\r\n\r\n`,
      413,
      'image_too_large',
    ],
    [
      'an unknown expectation',
      () => `POST /predict HTTP/1.1\r\n${host()}\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n`,
      417,
      'expectation_failed',
    ],
    ['CONNECT', () => `CONNECT other.example:443 HTTP/1.1\r\n${host()}\r\n\r\n`, 405, 'method_not_allowed'],
    [
      'the address of another service',
      () => `GET ftp://127.0.0.1/ HTTP/1.1\r\n${host()}\r\n\r\n`,
      400,
      'malformed_request',
    ],
  ])('%s', async (_, bytes, status, code) => {
    expect(await rawProblem(bytes())).toEqual(problem(status, code));
  });

  test('and none of it takes the server down', async () => {
    expect((await fetch(at('health'))).status).toBe(200);
  });
});

describe('an absolute address as request target', () => {
  test('is answered like its path', async () => {
    const answer = await sendRaw(`GET ${at('health')} HTTP/1.1\r\n${host()}\r\n\r\n`);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 'ok' });
    const unknown = await rawProblem(`GET ${at('nothing')} HTTP/1.1\r\n${host()}\r\n\r\n`);
    expect(unknown).toEqual(problem(404, 'not_found'));
  });

  test('counts instead of Host for which names are answered for', async () => {
    const answer = await rawProblem(`GET http://attacker.example/health HTTP/1.1\r\n${host()}\r\n\r\n`);
    expect(answer).toEqual(problem(421, 'misdirected'));
  });
});

describe('a client that asks before it sends', () => {
  test('is told to go on only where its request is taken', async () => {
    const { host: name } = at('');
    const ask = (more: string) =>
      sendRaw(
        `POST /predict HTTP/1.1\r\nHost: ${name}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n${more}\r\n`,
      );
    expect((await ask('')).status).toBe(100);
    expect((await ask('Origin: https://pages.example\r\n')).status).toBe(403);
  });
});
