import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { drawJpeg } from '../support/pictures/images.ts';

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService();
});
afterAll(() => service[Symbol.asyncDispose]());

const ask = (path: string, options?: RequestInit) => fetch(`${service.url}${path}`, options);

describe('GET /ready', () => {
  test('answers 200 once the model is loaded, storage takes writes and the queue is short', async () => {
    const response = await ask('ready');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ready',
      checks: { model: 'ok', storage: 'ok', queue: 'ok' },
    });
  });

  test('answers nothing but GET and HEAD', async () => {
    expect((await ask('ready', { method: 'POST' })).status).toBe(405);
  });
});

describe('GET /metrics', () => {
  test('counts requests and images, with their times, in the text format of Prometheus', async () => {
    const body = new Uint8Array(await drawJpeg(64, 64));
    expect((await ask('predict', { method: 'POST', body })).status).toBe(200);
    expect((await ask('predict', { method: 'POST', body: 'no picture' })).status).toBe(415);
    const response = await ask('metrics');
    const text = await response.text();
    expect(response.headers.get('Content-Type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const has = (line: RegExp) => expect(text).toMatch(line);
    has(/^label_on_upload_request_seconds_count\{method="POST",route="\/predict",status="200"\} 1$/m);
    has(/^label_on_upload_request_seconds_count\{method="POST",route="\/predict",status="415"\} 1$/m);
    has(/^label_on_upload_images_total\{outcome="succeeded"\} 1$/m);
    has(/^label_on_upload_step_seconds_count\{step="decode"\} 1$/m);
    has(/^label_on_upload_workers [1-9]/m);
    has(/^process_resident_memory_bytes \d+/m);
    // The queue is counted at intervals.
    await expect
      .poll(async () => (await ask('metrics')).text())
      .toMatch(/^label_on_upload_queue_messages 0$/m);
  });
});
