import { expect, test } from 'vitest';
import { classifyCost, classifySum } from '../../../infra/scaling/cost.ts';

const given = { architecture: 'arm64', memoryMb: 1024, milliseconds: 75, batchSize: 5 } as const;

test('charges a million images for their gigabyte-seconds and their share of an invocation', () => {
  expect(classifyCost(given)).toBeCloseTo(1 * 0.075 * 13.3334 + 0.2 / 5, 6);
});

test('charges more for x86-64 by the ratio of the prices', () => {
  const arm64 = classifyCost({ ...given, batchSize: 1e9 });
  const x86 = classifyCost({ ...given, batchSize: 1e9, architecture: 'x86-64' });
  expect(x86 / arm64).toBeCloseTo(1.25, 3);
});

test('writes its sum out, so that anybody can put in other figures', () => {
  expect(classifySum(given)).toBe(
    '10⁶ × (1024 / 1024 GB × 75.0 / 1000 s × $0.0000133334 + $0.0000002 / 5) = $1.04',
  );
});
