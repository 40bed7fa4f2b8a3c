import { randomUUID } from 'node:crypto';
import { inject, test } from 'vitest';
import { createApi, hasEnded } from '../../client/client.ts';
import { submitImage } from '../../client/submit.ts';
import { drawJpeg } from '../support/pictures/images.ts';

test('The typed client takes an image through its whole life, by either way in', async ({ expect }) => {
  const baseUrl = inject('baseUrl');
  const api = createApi(baseUrl);
  const { data: model } = await api.GET('/model');
  if (model === undefined) throw new Error('The service does not tell its model.');
  const image = new Blob([new Uint8Array(await drawJpeg())], { type: 'image/jpeg' });
  const presigned = { ...model.limits, inlineImageBytes: 0 };
  const answers: unknown[] = [];
  for (const limits of [model.limits, presigned]) {
    const id = await submitImage(image, { api, baseUrl, limits, idempotencyKey: randomUUID() });
    const params = { path: { id }, query: { wait: 20, top: 5 } };
    const { data: job } = await api.GET('/status/{id}', { params });
    expect(job && hasEnded(job) && job.status).toBe('succeeded');
    answers.push(job?.predictions);
    const { response } = await api.DELETE('/status/{id}', { params: { path: { id } } });
    expect(response.status).toBe(204);
    const { error } = await api.GET('/status/{id}', { params });
    expect(error?.code).toBe('not_found');
  }
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toHaveLength(5);
});
