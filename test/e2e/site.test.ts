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

  test.each(['', 'labels', 'openapi.json'])(
    'sends /%s compressed to a client that takes it so',
    async (path) => {
      const plain = await fetch(at(path), { headers: { 'Accept-Encoding': 'identity' } });
      expect(plain.headers.get('content-encoding')).toBe(null);
      const text = await plain.text();
      for (const coding of ['br', 'gzip']) {
        const packed = await fetch(at(path), { headers: { 'Accept-Encoding': coding } });
        expect(packed.headers.get('content-encoding')).toBe(coding);
        expect(packed.headers.get('vary')).toContain('Accept-Encoding');
        expect(await packed.text()).toBe(text);
      }
    },
  );

  test('answers HEAD with the headers of GET', async () => {
    const [head, get] = [await fetch(at('labels'), { method: 'HEAD' }), await fetch(at('labels'))];
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['etag', 'content-type', 'content-encoding', 'cache-control'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
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
