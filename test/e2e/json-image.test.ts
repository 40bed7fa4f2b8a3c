import { describe, expect, inject, test } from 'vitest';
import * as z from 'zod';
import { drawJpeg } from '../support/pictures/images.ts';

const image = (await drawJpeg(64, 48)).toString('base64');

const predict = (body: string, type = 'application/json') =>
  fetch(new URL('predict', inject('baseUrl')), { method: 'POST', headers: { 'Content-Type': type }, body });

describe('An image within JSON', () => {
  test.each([
    ['in base64', image],
    ['as a data URL', `data:image/jpeg;base64,${image}`],
    ['as a data URL with a parameter', `data:image/jpeg;name=photo.jpg;base64,${image}`],
    ['in lines, as base64 and Python write it', image.replaceAll(/.{76}/g, '$&\n')],
    ['without the padding', image.replace(/=+$/, '')],
  ])('%s gets the labels that the file gets', async (_, text) => {
    const file = await fetch(new URL('predict', inject('baseUrl')), {
      method: 'POST',
      // Without a type, an emulator takes the body for text.
      headers: { 'Content-Type': 'image/jpeg' },
      body: new Uint8Array(Buffer.from(image, 'base64')),
    });
    const response = await predict(JSON.stringify({ image: text }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(await file.json());
  });

  // curl -d says that it sends a form, and requests.post(url, data=json.dumps(…)) says nothing.
  test.each(['application/x-www-form-urlencoded', 'text/plain', 'application/vnd.api+json'])(
    'is understood when its client calls it %s',
    async (type) => {
      const response = await predict(JSON.stringify({ image }), type);
      expect(response.status).toBe(200);
      expect(await response.json()).toHaveLength(3);
    },
  );

  test.each([
    ['{"image": "https://example.org/photo.jpg"}', 'not its address'],
    ['{"instances": [{"b64": "R0lG"}]}', 'Send {"image": "…"}'],
    ['["R0lG"]', 'Send {"image": "…"}'],
  ])('as %s is refused in words that help', async (body, words) => {
    const problem = z.object({ detail: z.string() }).parse(await (await predict(body)).json());
    expect(problem.detail).toContain(words);
  });

  test.each([
    ['{"image": ', 'invalid_body'],
    ['{"picture": "R0lG"}', 'invalid_parameter'],
    ['{"image": "not base64!"}', 'invalid_parameter'],
  ])('as %s is refused with %s', async (body, code) => {
    const response = await predict(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code });
  });
});
