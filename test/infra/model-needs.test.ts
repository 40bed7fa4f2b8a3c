import { describe, expect, test } from 'vitest';
import { lambdaNeeds } from '../../infra/model-needs.ts';

const measured = { memoryMb: 150, loadMilliseconds: 40, runMilliseconds: 3 };
const usual = { memoryMb: 1769, classifySeconds: 30, labelSeconds: 60 };

describe('what Lambda functions get for a model', () => {
  test('is what they always had for the default model, and for a small one of your own', () => {
    expect(lambdaNeeds(undefined, 5)).toEqual(usual);
    expect(lambdaNeeds(measured, 5)).toEqual(usual);
  });

  test('is a quarter more memory than the trial took, and room for the largest picture', () => {
    const { memoryMb } = lambdaNeeds({ ...measured, memoryMb: 1600 }, 5);
    expect(memoryMb).toBe(1600 * 1.25 + 800);
  });

  test('is time for a batch on a processor three times as slow', () => {
    // 3 s of grace, 12 s for the first picture around the network, and five runs of 9 s.
    expect(lambdaNeeds({ ...measured, runMilliseconds: 3000 }, 5)).toMatchObject({
      classifySeconds: 3 + 12 + 5 * 9,
      labelSeconds: 5 * (12 + 9),
    });
    expect(lambdaNeeds({ ...measured, runMilliseconds: 3000 }, 1).classifySeconds).toBe(30);
  });

  test('is time for a start that Lambda begins again within the first call, which it does after 10 s', () => {
    const slow = { ...measured, runMilliseconds: 3000 };
    const { classifySeconds } = lambdaNeeds(slow, 5);
    expect(lambdaNeeds({ ...slow, loadMilliseconds: 3000 }, 5).classifySeconds).toBe(classifySeconds);
    expect(lambdaNeeds({ ...slow, loadMilliseconds: 4000 }, 5).classifySeconds).toBe(classifySeconds + 12);
  });

  test('is refused in a sentence where no function is large enough, or may run for so long', () => {
    expect(() => lambdaNeeds({ ...measured, memoryMb: 9000 }, 5)).toThrow(
      /^This model takes 9000 MB, so that a function would need 12050, and Lambda gives 10240: use a smaller or a quantized model, .*\.$/,
    );
    expect(() => lambdaNeeds({ ...measured, runMilliseconds: 80_000 }, 5)).toThrow(
      /^This model takes 80\.0 s for a picture, so that a function would need \d+ s, and Lambda gives 900: .*\.$/,
    );
  });
});
