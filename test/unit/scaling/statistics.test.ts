import { describe, expect, test } from 'vitest';
import { median, quantile } from '../../../infra/scaling/statistics.ts';

describe('statistics of a benchmark', () => {
  test('takes the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([8, 2, 4, 6])).toBe(5);
    expect(median([7])).toBe(7);
  });

  test('takes a quantile by its nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantile(values, 0.99)).toBe(99);
    expect(quantile(values, 1)).toBe(100);
    expect(quantile(values, 0)).toBe(1);
  });

  test('refuses to find a middle where there is nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
