import { describe, expect, test } from 'vitest';
import { modelFromEnvironment } from '../../../layers/model/build/environment.ts';
import { valueFor } from '../../../layers/model/build/named.ts';
import { callName } from '../../../layers/model/folder.ts';

describe('MODEL', () => {
  test.each([
    ['', []],
    ['/m/vit', [{ value: '/m/vit' }]],
    [
      'kinds=/m/kinds.onnx,imagenet=',
      [
        { name: 'kinds', value: '/m/kinds.onnx' },
        { name: 'imagenet', value: '' },
      ],
    ],
    [' a=/m/a , /m/b ,', [{ name: 'a', value: '/m/a' }, { value: '/m/b' }]],
    ['/m/a=b/model.onnx', [{ value: '/m/a=b/model.onnx' }]],
    ['x=/m/a=b', [{ name: 'x', value: '/m/a=b' }]],
  ])('%j names these models', (text, models) => {
    expect(modelFromEnvironment({ MODEL: text }).models).toEqual(models);
  });

  test.each(['=/m/a', 'a b=/m/a', 'ä=/m/a', '-x=/m/a', `${'x'.repeat(65)}=/m/a`])(
    '%j is refused, in words that say what it takes',
    (text) => {
      expect(() => modelFromEnvironment({ MODEL: text })).toThrow(/^MODEL takes your own model.*name=path/);
    },
  );

  test('of a kind that is not known for the output is refused', () => {
    expect(() => modelFromEnvironment({ MODEL_OUTPUT: 'kinds=logits' })).toThrow(/^MODEL_OUTPUT takes/);
  });
});

describe('A setting for each model', () => {
  const { files } = modelFromEnvironment({ MODEL_FILE: 'vit=onnx/model_quantized.onnx,onnx/model.onnx' });

  test('has the value of that name, else the one without a name', () => {
    expect(valueFor('vit', files)).toBe('onnx/model_quantized.onnx');
    expect(valueFor('other', files)).toBe('onnx/model.onnx');
    expect(valueFor(undefined, files)).toBe('onnx/model.onnx');
    expect(valueFor('other', [])).toBeUndefined();
  });
});

describe('A model without a name of its own', () => {
  test.each([
    ['mobilenet_v2_1.0_224', 'mobilenet_v2_1.0_224'],
    ['google/vit-base-patch16-224', 'vit-base-patch16-224'],
    ['my pets (2)', 'my-pets-2-'],
    ['犬', 'model'],
  ])('%s is called by what an address takes of it, %s', (name, called) => {
    expect(callName(name)).toBe(called);
  });
});
