import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { canaryHandler } from '../../../functions/canary/handler.ts';
import { freePort } from '../../../infra/emulator/free-port.ts';
import { context } from '../../support/aws/events.ts';
import { silentTelemetry } from '../../support/telemetry.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Runs the canary once against a server that answers `POST /v1/predict` so. */
async function run(answer: Answer, slowMilliseconds = 5000, remainingMilliseconds = 30_000) {
  const requests: string[] = [];
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    bodies.push(await buffer(request));
    if (request.method === 'POST') return answer(request, response);
    response.writeHead(204).end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const handler = canaryHandler({
    url: `http://127.0.0.1:${port}/v1/`,
    picture: { bytes: Buffer.from('the picture'), label: 'crossword_puzzle' },
    telemetry: silentTelemetry,
    slowMilliseconds,
  });
  await handler({}, context(remainingMilliseconds));
  return { requests, bodies };
}

const labelled =
  (label: string, milliseconds = 0): Answer =>
  async (_, response) => {
    await sleep(milliseconds);
    response.writeHead(200, { Location: 'status/0b4e3c5a-0000-4000-8000-000000000000' });
    response.end(JSON.stringify([{ label, score: 0.9 }]));
  };

test('a picture that gets its label leaves nothing behind', async () => {
  const { requests, bodies } = await run(labelled('crossword_puzzle'));
  expect(requests).toEqual(['POST /v1/predict', 'DELETE /v1/status/0b4e3c5a-0000-4000-8000-000000000000']);
  expect(bodies[0]?.includes('the picture')).toBe(true);
});

test('another label is a failure', async () => {
  await expect(run(labelled('sock'))).rejects.toThrow('answered sock for a picture of crossword_puzzle');
});

test('a label that comes late is a failure', async () => {
  await expect(run(labelled('crossword_puzzle', 200), 100)).rejects.toThrow(/more than 100 ms is too slow/);
});

test('a problem is a failure that says which', async () => {
  const answer: Answer = (_, response) => void response.writeHead(503).end('{"code":"unavailable"}');
  await expect(run(answer)).rejects.toThrow('POST /predict answered 503: {"code":"unavailable"}');
});

test('no answer is a failure before the function is out of time', async () => {
  await expect(run(() => sleep(3000), 5000, 2200)).rejects.toThrow(/timeout/i);
});
