import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { modelIdentity } from '../../functions/shared/job.ts';
import { at } from '../support/e2e/client.ts';

describe('what can be known without a job', () => {
  test('tells that it lives, and by which weights it answers', async () => {
    const health = z.object({ status: z.literal('ok'), model: modelIdentity }).strict();
    const { model } = health.parse(await (await fetch(at('health'))).json());
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await (await fetch(at('model'))).json()).toMatchObject({ ...model, classes: 1000 });
  });

  test('lists the 1,000 labels', async () => {
    const label = z.object({ wnid: z.string(), label: z.string() });
    const body = z.array(label).parse(await (await fetch(at('labels'))).json());
    expect(body).toHaveLength(1000);
  });

  test('lets a client keep a document until it changes', async () => {
    const first = await fetch(at('labels'));
    const etag = first.headers.get('etag') ?? '';
    const second = await fetch(at('labels'), { headers: { 'If-None-Match': etag } });
    expect([second.status, await second.text()]).toEqual([304, '']);
  });

  test('answers a preflight for the headers the API reads', async () => {
    const headers = {
      Origin: 'https://example.org',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'prefer',
    };
    const response = await fetch(at('predict'), { method: 'OPTIONS', headers });
    expect(response.ok).toBe(true);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(response.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('prefer');
  });
});
