import { describe, expect, test } from 'vitest';
import { imageReserveSeconds } from '../../../functions/shared/settings.ts';
import { readSettings } from '../../../local/settings.ts';

describe('the time one image may take', () => {
  test.each(['10', String(imageReserveSeconds)])(
    'of %s seconds is refused: no image would ever be started',
    (seconds) => {
      expect(() => readSettings([], { WORKER_TIMEOUT_SECONDS: seconds })).toThrow(
        /^WORKER_TIMEOUT_SECONDS takes at least 13 seconds/,
      );
    },
  );

  test('may be the smallest in which an image is started', () => {
    const seconds = imageReserveSeconds + 1;
    expect(readSettings([], { WORKER_TIMEOUT_SECONDS: String(seconds) })).toMatchObject({
      workerTimeoutSeconds: seconds,
    });
  });
});

describe('the time after which an image is tried again', () => {
  test('follows from the time one image may take', () => {
    expect(readSettings([], {}).visibilitySeconds).toBe(30);
    expect(readSettings([], { WORKER_TIMEOUT_SECONDS: '60' }).visibilitySeconds).toBe(70);
  });

  test('is refused where it is no longer than that', () => {
    expect(() => readSettings([], { VISIBILITY_SECONDS: '20' })).toThrow(
      'VISIBILITY_SECONDS must be longer than WORKER_TIMEOUT_SECONDS, which is 20 (got "20").',
    );
  });
});

test('large JPEGs are decoded in full unless told otherwise, and in no third way', () => {
  expect(readSettings([], {}).largeJpegs).toBe('exact');
  expect(readSettings(['--large-jpegs', 'shrink'], {}).largeJpegs).toBe('shrink');
  expect(() => readSettings([], { LARGE_JPEGS: 'fast' })).toThrow(/^LARGE_JPEGS takes exact, or shrink/);
});

describe('the size of an image', () => {
  test.each(['INLINE_IMAGE_BYTES', 'UPLOADED_IMAGE_BYTES'])(
    '%s is refused beyond what the decoder takes',
    (name) => {
      expect(() => readSettings([], { [name]: String(25 * 2 ** 20 + 1) })).toThrow(name);
    },
  );

  test('INLINE_IMAGE_BYTES is refused beyond what a request may carry', () => {
    expect(() => readSettings([], { INLINE_IMAGE_BYTES: String(10 * 2 ** 20) })).toThrow(
      'INLINE_IMAGE_BYTES takes',
    );
  });
});
