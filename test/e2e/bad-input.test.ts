import { describe, expect, test } from 'vitest';
import { manyScans } from '../hostile/generators/jpeg.ts';
import { plainTags, tiffFile } from '../hostile/generators/tiff.ts';
import { at, fileForm, predict, problem } from '../support/e2e/client.ts';
import { claimingPng, drawJpeg, drawPicture, heicHeader } from '../support/pictures/images.ts';

const image = await drawJpeg();
const png = await drawPicture(320, 240).png().toBuffer();
const large = await drawPicture(7150, 7150).png({ compressionLevel: 9 }).toBuffer();
const costly = manyScans(7000, 7000, 2000);
const float = tiffFile(
  [
    plainTags(4, 4, 1, [
      [258, 3, [32]],
      [339, 3, [3]],
    ]),
  ],
  Buffer.alloc(64),
);
const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
);

const post = (body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  body,
  headers,
});
const multipart = (text: string, boundary = 'frontier') =>
  post(text, { 'Content-Type': `multipart/form-data; boundary=${boundary}` });
const part = (disposition: string, content: string) =>
  `--frontier\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
const named = (name: string) => {
  const form = new FormData();
  form.append(name, new Blob([new Uint8Array(image)]), 'image.jpg');
  return form;
};
const two = named('file');
two.append('file', new Blob([new Uint8Array(image)]), 'another.jpg');
const unknown = '00000000-0000-4000-8000-000000000000';

/** What is sent, where, and what must come back: the whole of it in one table. */
const table: [string, string, RequestInit, number, string][] = [
  ['no file part', 'predict', post(named('picture')), 400, 'no_file_part'],
  [
    'a file part without a file name',
    'predict',
    multipart(`${part('name="file"', 'text')}--frontier--\r\n`),
    400,
    'no_file_part',
  ],
  [
    'an empty file name',
    'predict',
    multipart(`${part('name="file"; filename=""', '')}--frontier--\r\n`),
    400,
    'no_selected_file',
  ],
  ['an empty file', 'predict', post(fileForm(Buffer.alloc(0))), 400, 'empty_file'],
  ['no body', 'predict', { method: 'POST' }, 400, 'no_file_part'],
  [
    'a multipart body cut short',
    'predict',
    multipart(part('name="file"; filename="a.jpg"', 'abc')),
    400,
    'invalid_body',
  ],
  [
    'a wrong boundary',
    'predict',
    multipart(`${part('name="file"; filename="a.jpg"', 'abc')}--frontier--\r\n`, 'other'),
    400,
    'invalid_body',
  ],
  ['no boundary', 'predict', post('abc', { 'Content-Type': 'multipart/form-data' }), 400, 'invalid_body'],
  ['text named .jpg', 'predict', post(fileForm(Buffer.from('These are words.'))), 415, 'unsupported_image'],
  ['an SVG', 'predict', post(fileForm(svg, 'image.svg')), 415, 'unsupported_image'],
  ['the start of a HEIC', 'predict', post(fileForm(heicHeader(), 'image.heic')), 422, 'corrupt_image'],
  ['random bytes', 'predict', post(fileForm(Buffer.alloc(5000, 7))), 415, 'unsupported_image'],
  ['a truncated JPEG', 'predict', post(fileForm(image.subarray(0, image.length / 2))), 422, 'corrupt_image'],
  ['a truncated PNG', 'predict', post(fileForm(png.subarray(0, png.length / 2))), 422, 'corrupt_image'],
  ['51 megapixels', 'predict', post(fileForm(large)), 422, 'too_many_pixels'],
  [
    'a PNG that claims 60,000 × 60,000',
    'predict',
    post(fileForm(await claimingPng(60_000, 60_000))),
    422,
    'too_many_pixels',
  ],
  ['2,000 scans', 'predict', post(fileForm(costly)), 422, 'too_costly'],
  ['floating-point samples', 'predict', post(fileForm(float)), 415, 'unsupported_variant'],
  ['26 MiB inline', 'predict', post(fileForm(Buffer.alloc(26 * 1024 ** 2, 1))), 413, 'image_too_large'],
  ['two files', 'predict', post(two), 400, 'several_files'],
  ['top out of range', 'predict?top=21', post(fileForm(image)), 400, 'invalid_parameter'],
  ['top that is no number', 'predict?top=many', post(fileForm(image)), 400, 'invalid_parameter'],
  ['threshold out of range', 'predict?threshold=2', post(fileForm(image)), 400, 'invalid_parameter'],
  [
    'a short idempotency key',
    'predict',
    post(fileForm(image), { 'Idempotency-Key': 'short' }),
    400,
    'invalid_parameter',
  ],
  [
    'an upload that is no JSON',
    'uploads',
    post('{', { 'Content-Type': 'application/json' }),
    400,
    'invalid_body',
  ],
  ['an upload of no image type', 'uploads', post('{"contentType":"text/html"}'), 400, 'invalid_parameter'],
  ['an upload of no type', 'uploads', post('{}'), 400, 'invalid_parameter'],
  ['an unknown route', 'nothing/here', {}, 404, 'not_found'],
  ['an unknown id', `status/${unknown}`, {}, 404, 'not_found'],
  ['an id that is none', 'status/1', {}, 404, 'not_found'],
  ['the events of an unknown id', `status/${unknown}/events`, {}, 404, 'not_found'],
  ['deleting an unknown id', `status/${unknown}`, { method: 'DELETE' }, 404, 'not_found'],
  ['a wait out of range', `status/${unknown}?wait=26`, {}, 400, 'invalid_parameter'],
  ['a wrong method', 'predict', {}, 405, 'method_not_allowed'],
  ['a wrong method on a job', `status/${unknown}`, { method: 'PUT' }, 405, 'method_not_allowed'],
];

describe('bad input', () => {
  test.each(table)('%s', async (_, path, request, status, code) => {
    const response = await fetch(at(path), request);
    const answer = problem.parse(await response.json());
    expect({ status: response.status, code: answer.code }).toEqual({ status, code });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.status).toBe(status);
    expect(answer.detail).not.toMatch(/node_modules|\/functions\/|at .*:\d+:\d+/);
  });

  test("keeps the words the original service's clients read", async () => {
    const errorOf = async (request: RequestInit) =>
      problem.parse(await (await fetch(at('predict'), request)).json()).error;
    expect(await errorOf(post(named('picture')))).toBe('No file part');
    expect(await errorOf(multipart(`${part('name="file"; filename=""', '')}--frontier--\r\n`))).toBe(
      'No selected file',
    );
  });

  test('names the methods a resource has', async () => {
    expect((await fetch(at('predict'))).headers.get('allow')).toBe('POST, OPTIONS');
    expect((await fetch(at('health'), { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  test('names the formats that are read', async () => {
    const text = problem.parse(await (await predict(Buffer.from('words'))).json());
    expect(text.detail).toMatch(/JPEG.*PNG.*WebP/);
  });

  test('takes a file that costs too much like any other where the caller does not wait, and fails its job once', async () => {
    const response = await fetch(at('predict'), post(fileForm(costly), { Prefer: 'respond-async' }));
    expect(response.status).toBe(202);
    const job = await fetch(new URL(`${response.headers.get('location')}?wait=20`, at('predict')));
    expect(await job.json()).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'too_costly' } });
  });

  test('leaves the service as able as before', async () => {
    expect((await predict(image)).status).toBe(200);
  });
});
