import { describe, expect, test } from 'vitest';
import { imageReserveSeconds } from '../../../functions/shared/settings.ts';
import { misspeltSettings, readSettings, usage } from '../../../local/settings.ts';

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

test('large JPEGs are decoded in full by default, and any third value is refused', () => {
  expect(readSettings([], {}).largeJpegs).toBe('exact');
  expect(readSettings(['--large-jpegs', 'shrink'], {}).largeJpegs).toBe('shrink');
  expect(() => readSettings([], { LARGE_JPEGS: 'fast' })).toThrow(/^LARGE_JPEGS takes exact, or shrink/);
});

test('several models come by repeated flags, or by one variable with commas', () => {
  const models = [
    { name: 'kinds', value: '/m/kinds.onnx' },
    { name: 'imagenet', value: '' },
  ];
  expect(readSettings(['--model', 'kinds=/m/kinds.onnx', '--model', 'imagenet='], {}).model).toEqual(models);
  expect(readSettings([], { MODEL: 'kinds=/m/kinds.onnx,imagenet=' }).model).toEqual(models);
  expect(() => readSettings(['--model', 'a b=/m'], {})).toThrow(/^MODEL takes your own model/);
});

describe('the size of an image', () => {
  test.each(['INLINE_IMAGE_BYTES', 'UPLOADED_IMAGE_BYTES'])(
    '%s is refused beyond what the decoder takes',
    (name) => {
      expect(() => readSettings([], { [name]: String(25 * 2 ** 20 + 1) })).toThrow(name);
    },
  );

  test('is the same for /predict as for a form', () => {
    const { inlineImageBytes, uploadedImageBytes } = readSettings([], {});
    expect({ inlineImageBytes, uploadedImageBytes }).toEqual({
      inlineImageBytes: 25 * 2 ** 20,
      uploadedImageBytes: 25 * 2 ** 20,
    });
  });
});

describe('a mistyped setting', () => {
  test.each([
    ['WORKER', 'WORKERS'],
    ['PROT', 'PORT'],
    ['WOKRER_TIMEOUT_SECONDS', 'WORKER_TIMEOUT_SECONDS'],
    ['data_dir', 'DATA_DIR'],
    ['ALLOWED_ORIGIN', 'ALLOWED_ORIGINS'],
  ])('%s in the environment is named with the right one, %s', (given, meant) => {
    expect(misspeltSettings({ [given]: '3' })).toEqual([`${given} is no setting. Did you mean ${meant}?`]);
  });

  test('is told from what other programs have in the environment', () => {
    const names = [
      'PATH',
      'HOME',
      'HOSTNAME',
      'PWD',
      'SHELL',
      'TERM',
      'USER',
      'LANG',
      'PORT',
      'NODE_OPTIONS',
    ];
    expect(misspeltSettings(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
  });

  test('as a flag is named with the right one', () => {
    expect(() => readSettings(['--worker', '3'], {})).toThrow('Did you mean --workers?');
  });
});

describe('the help', () => {
  test('shows what each setting takes and its default', () => {
    expect(usage()).toMatch(/--port +.*\(PORT, default: 8000\)/);
    expect(usage()).toMatch(/--max-waiting +.*\(MAX_WAITING, default: 256\)/);
    expect(usage()).toMatch(/--visibility-seconds +.*default: WORKER_TIMEOUT_SECONDS and 10\)/);
  });
});
