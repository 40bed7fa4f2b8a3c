import { beforeAll, describe, expect, test } from 'vitest';
import { imageLimits } from '../../../functions/shared/limits.ts';
import { loadInputReader, type ReadInput } from '../../../layers/model/run/input.ts';
import { toInput } from '../../support/model/decode.ts';
import { seededModel } from '../../support/model/weights.ts';
import { drawScene, toSharp } from '../../support/pictures/drawn.ts';

const options = { limits: imageLimits, timeoutSeconds: 20 };

describe('the input of a large JPEG', () => {
  let exact: ReadInput;
  let shrunk: ReadInput;
  beforeAll(async () => {
    const { dir } = await seededModel();
    exact = await loadInputReader(dir, [toInput], options);
    shrunk = await loadInputReader(dir, [toInput], { ...options, shrinkTo: 224 });
  });

  test.each([false, true])('is made from all its pixels, progressive: %s', async (progressive) => {
    const bytes = await toSharp(drawScene(1000, 1800)).jpeg({ progressive }).toBuffer();
    expect(await exact({ bytes })).toMatchObject({ decoded: { width: 1000, height: 1800 } });
  });

  test.each([false, true])(
    'is made from fewer pixels where that is asked for, progressive: %s',
    async (progressive) => {
      const bytes = await toSharp(drawScene(1000, 1800)).jpeg({ progressive }).toBuffer();
      expect(await shrunk({ bytes })).toMatchObject({
        ...{ width: 1000, height: 1800 },
        decoded: { width: 500, height: 900 },
      });
    },
  );
});
