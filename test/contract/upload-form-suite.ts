import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageKeyOf } from '../../functions/shared/object-event.ts';
import type { ImageStore, UploadForm, UploadTerms } from '../../functions/shared/ports.ts';
import { inSeconds } from '../support/jobs.ts';
import type { OpenImageStore } from './image-store-suite.ts';

/** What an emulator may take although S3 refuses it. */
export type FormLeniency = 'signature' | 'unknown field';

const maxBytes = 5000;

/** What every storage that is sent an upload form admits, and refuses. */
export function uploadFormSuite(
  name: string,
  open: () => Promise<OpenImageStore>,
  takes: readonly FormLeniency[] = [],
): void {
  describe(`${name} admits by a form what the form says, and nothing else`, () => {
    let store: OpenImageStore;
    let images: ImageStore;
    beforeAll(async () => {
      store = await open();
      images = store.images;
    });
    afterAll(() => store.close());
    const read = (key: string) => store.read(key);

    const aForm = async (terms: Partial<UploadTerms> = {}) => {
      const key = imageKeyOf({ source: 'presigned', id: randomUUID() });
      const all = { key, contentType: 'image/jpeg', maxBytes, expiresAt: inSeconds(60), ...terms };
      return { key, form: await images.presignUpload(all) };
    };
    const refused = async (key: string, answer: Promise<number>, statuses = [403]) => {
      expect(statuses).toContain(await answer);
      expect(await images.get(key)).toBeUndefined();
    };

    test('an image within the terms is stored under its key', async () => {
      const { key, form } = await aForm();
      const image = randomBytes(maxBytes);
      expect(await post(form, image)).toBe(204);
      expect(Buffer.from((await read(key)) ?? []).equals(image)).toBe(true);
    });

    test('the same form may be sent again', async () => {
      const { key, form } = await aForm();
      expect(await post(form, Buffer.from('first'))).toBe(204);
      expect(await post(form, Buffer.from('second'))).toBe(204);
      expect(Buffer.from((await read(key)) ?? []).toString()).toBe('second');
    });

    test('one byte too many is refused', async () => {
      const { key, form } = await aForm();
      await refused(key, post(form, randomBytes(maxBytes + 1)), [400]);
    });

    test('an empty file is refused', async () => {
      const { key, form } = await aForm();
      await refused(key, post(form, Buffer.alloc(0)), [400]);
    });

    test('another key is refused', async () => {
      const { key, form } = await aForm();
      const other = imageKeyOf({ source: 'presigned', id: randomUUID() });
      await refused(other, post(withField(form, 'key', other), randomBytes(10)));
      expect(await images.get(key)).toBeUndefined();
    });

    test('another content type is refused', async () => {
      const { key, form } = await aForm();
      await refused(key, post(withField(form, 'Content-Type', 'text/html'), randomBytes(10)));
    });

    test('a form whose time is over is refused', async () => {
      const { key, form } = await aForm({ expiresAt: inSeconds(-2) });
      await refused(key, post(form, randomBytes(10)));
    });

    test.skipIf(takes.includes('unknown field'))('a field the form does not know is refused', async () => {
      const { key, form } = await aForm();
      await refused(key, post(withField(form, 'acl', 'public-read'), randomBytes(10)));
    });

    test.skipIf(takes.includes('signature'))('a policy that was rewritten is refused', async () => {
      const { key, form } = await aForm();
      const policy = Buffer.from(form.fields.Policy ?? '', 'base64').toString();
      const wider = Buffer.from(policy.replace(String(maxBytes), '9999999')).toString('base64');
      expect(wider).not.toBe(form.fields.Policy);
      await refused(key, post(withField(form, 'Policy', wider), randomBytes(10)));
    });

    test.skipIf(takes.includes('signature'))('a form without its signature is refused', async () => {
      const { key, form } = await aForm();
      await refused(key, post(withField(form, 'X-Amz-Signature', 'ab'.repeat(32)), randomBytes(10)));
    });
  });
}

function withField(form: UploadForm, name: string, value: string): UploadForm {
  return { ...form, fields: { ...form.fields, [name]: value } };
}

/** Sends the form as a browser does and resolves to the status. */
async function post({ url, fields }: UploadForm, image: Buffer): Promise<number> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set('file', new Blob([new Uint8Array(image)]), 'image.jpg');
  const response = await fetch(url, { method: 'POST', body });
  await response.arrayBuffer();
  return response.status;
}
