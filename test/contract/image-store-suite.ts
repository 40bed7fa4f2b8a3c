import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../functions/shared/limits.ts';
import { imageKeyOf } from '../../functions/shared/object-event.ts';
import type { ImageStore } from '../../functions/shared/ports.ts';

/** An image store of a suite's own. */
export interface OpenImageStore {
  readonly images: ImageStore;
  close(): Promise<void>;
}

/** What every `ImageStore` does with images; see `upload-form-suite.ts` for its forms. */
export function imageStoreSuite(name: string, open: () => Promise<OpenImageStore>): void {
  describe(`${name} keeps images`, () => {
    let store: OpenImageStore;
    let images: ImageStore;
    beforeAll(async () => {
      store = await open();
      images = store.images;
    });
    afterAll(() => store.close());

    const aKey = (source: 'inline' | 'presigned' = 'inline') => imageKeyOf({ source, id: randomUUID() });

    test('an image comes back to the byte', async () => {
      for (const key of [aKey('inline'), aKey('presigned')]) {
        const image = randomBytes(100_000);
        await images.put(key, image);
        const stored = await images.get(key);
        expect(Buffer.from(stored?.bytes ?? []).equals(image)).toBe(true);
      }
    });

    test('the largest inline image does too', async () => {
      const [key, image] = [aKey(), randomBytes(limits.inlineImageBytes)];
      await images.put(key, image);
      expect(Buffer.from((await images.get(key))?.bytes ?? []).equals(image)).toBe(true);
      await images.delete(key);
    });

    test('a path, where there is one, leads to the same bytes', async () => {
      const [key, image] = [aKey(), randomBytes(1000)];
      await images.put(key, image);
      const path = (await images.get(key))?.path;
      if (path !== undefined) expect(await readFile(path)).toEqual(image);
    });

    test('an image put twice is the later one', async () => {
      const key = aKey();
      await images.put(key, Buffer.from('first'));
      await images.put(key, Buffer.from('second'));
      expect(Buffer.from((await images.get(key))?.bytes ?? []).toString()).toBe('second');
    });

    test('an image nobody put is not there', async () => {
      expect(await images.get(aKey())).toBeUndefined();
    });

    test('a deleted image is gone, and deleting it again is no error', async () => {
      const key = aKey();
      await images.put(key, Buffer.from('image'));
      await images.delete(key);
      expect(await images.get(key)).toBeUndefined();
      await images.delete(key);
    });
  });
}
