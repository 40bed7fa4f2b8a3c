import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../functions/shared/limits.ts';
import { imageKeyOf } from '../../functions/shared/object-event.ts';
import type { ImageStore } from '../../functions/shared/ports.ts';

/** An image store of a suite's own. */
export interface OpenImageStore {
  readonly images: ImageStore;
  /** The bytes of an image, as the runtime's classifier comes by them; `undefined` where the store has none. */
  read(key: string): Promise<Uint8Array | undefined>;
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
    const read = (key: string) => store.read(key);

    const aKey = (source: 'inline' | 'presigned' = 'inline') => imageKeyOf({ source, id: randomUUID() });

    test('an image comes back to the byte', async () => {
      for (const key of [aKey('inline'), aKey('presigned')]) {
        const image = randomBytes(100_000);
        await images.put(key, image);
        expect(Buffer.from((await read(key)) ?? []).equals(image)).toBe(true);
      }
    });

    test('the largest inline image does too', async () => {
      const [key, image] = [aKey(), randomBytes(limits.inlineImageBytes)];
      await images.put(key, image);
      expect(Buffer.from((await read(key)) ?? []).equals(image)).toBe(true);
      await images.delete(key);
    });

    test('an image put twice is the later one', async () => {
      const key = aKey();
      await images.put(key, Buffer.from('first'));
      await images.put(key, Buffer.from('second'));
      expect(Buffer.from((await read(key)) ?? []).toString()).toBe('second');
    });

    test('an image that was never stored is not found', async () => {
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
