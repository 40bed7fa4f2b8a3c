import { describe, expect, inject, test } from 'vitest';
import { drawJpeg } from '../support/pictures/images.ts';

const image = (await drawJpeg(64, 48)).toString('base64');

const predict = (body: string) =>
  fetch(new URL('predict', inject('baseUrl')), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  });

describe('An image within JSON', () => {
  test.each([
    ['in base64', image],
    ['as a data URL', `data:image/jpeg;base64,${image}`],
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
