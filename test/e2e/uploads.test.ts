import { describe, expect, test } from 'vitest';
import {
  at,
  labels,
  postForm,
  predict,
  readStatus,
  requestUpload,
  untilEnded,
} from '../support/e2e/client.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const image = await drawJpeg();

describe('an upload by presigned form', () => {
  test('is classified as the same image sent inline is', async () => {
    const answer = await requestUpload();
    expect(answer.statusUrl).toBe(`status/${answer.id}`);
    expect(await readStatus(answer.id)).toMatchObject({ status: 'pending', source: 'presigned', version: 1 });
    expect((await postForm(answer, image)).status).toBe(204);
    const job = await untilEnded(answer.id);
    expect(job).toMatchObject({ status: 'succeeded', image: { bytes: image.length } });
    const inline = labels.parse(await (await predict(image)).json());
    expect(job.predictions?.map(({ label, score }) => ({ label, score }))).toEqual(inline);
  });

  test('is reported to a waiting client as soon as it has ended', async () => {
    const answer = await requestUpload();
    const waiting = readStatus(answer.id, '?wait=20&top=1');
    await postForm(answer, image);
    expect(await waiting).toMatchObject({ status: 'succeeded' });
    expect((await waiting).predictions).toHaveLength(1);
  });

  test.each([
    ['more bytes than the form allows', Buffer.alloc(25 * 1024 * 1024 + 1), {}, 400, 'EntityTooLarge'],
    ['an empty file', Buffer.alloc(0), {}, 400, 'EntityTooSmall'],
    ['another type', image, { 'Content-Type': 'text/html' }, 403, 'AccessDenied'],
    ['another key', image, { key: 'uploads/00000000-0000-4000-8000-000000000000' }, 403, 'AccessDenied'],
  ])('is refused by storage itself with %s', async (_, body, changes, status, code) => {
    const response = await postForm(await requestUpload(), body, changes);
    expect([response.status, await response.text()]).toEqual([
      status,
      expect.stringContaining(`<Code>${code}</Code>`),
    ]);
  });

  test('fails its job where the file is not an image', async () => {
    const answer = await requestUpload();
    await postForm(answer, Buffer.from('These are words.'));
    expect(await untilEnded(answer.id)).toMatchObject({
      status: 'failed',
      error: { code: 'unsupported_image' },
    });
  });

  test('may be tried a second time by the same form after a first that failed', async () => {
    const answer = await requestUpload();
    await postForm(answer, Buffer.from('These are words.'));
    const first = await untilEnded(answer.id);
    await postForm(answer, image);
    await expect
      .poll(async () => (await readStatus(answer.id)).status, { timeout: 20_000 })
      .toBe('succeeded');
    expect((await readStatus(answer.id)).version).toBeGreaterThan(first.version);
  });

  test('is reported by the event stream, one event for each state, the last one ending it', async () => {
    const answer = await requestUpload();
    const events = fetch(at(`status/${answer.id}/events`));
    await postForm(answer, image);
    const response = await events;
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const text = await response.text();
    expect(text).toMatch(/^retry: \d+\n\n/);
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const ended = await untilEnded(answer.id);
    const again = await fetch(at(`status/${answer.id}/events`), {
      headers: { 'Last-Event-ID': String(ended.version) },
    });
    expect(again.status).toBe(204);
  });
});
