import { describe, expect, test } from 'vitest';
import { withTimeFor, workersFor } from '../../../local/workers/count.ts';

const gibibyte = 2 ** 30;
const needing = (memoryMb: number, runMilliseconds = 10, loadMilliseconds = 50) => ({
  needs: { memoryMb, runMilliseconds, loadMilliseconds },
});

describe('The number of workers', () => {
  test('is that of the cores for the default model, whose needs are small', () => {
    expect(workersFor([{}], 8, gibibyte / 8)).toBe(8);
  });

  test('is smaller where the memory does not hold a large network twice for each core', () => {
    expect(workersFor([needing(1024)], 8, 16 * gibibyte)).toBe(5);
    expect(workersFor([needing(1024)], 4, 16 * gibibyte)).toBe(4);
  });

  test('follows from all models together', () => {
    expect(workersFor([needing(1024), needing(1024), {}], 8, 16 * gibibyte)).toBe(2);
  });

  test('is never less than one', () => {
    expect(workersFor([needing(8192)], 8, gibibyte)).toBe(1);
  });
});

describe('The time of a worker', () => {
  const settings = { workerTimeoutSeconds: 20, workerProcessorSeconds: 5, visibilitySeconds: 30 };

  test('stays as it is set for small models', () => {
    expect(withTimeFor([{}, needing(200)], settings)).toEqual(settings);
  });

  test('is longer for models that take seconds a picture, and so is the processor time of an image', () => {
    expect(withTimeFor([needing(4096, 3000, 6000), needing(200, 500, 500)], settings)).toEqual({
      workerTimeoutSeconds: 35,
      workerProcessorSeconds: 5 + 35 + 6,
      visibilitySeconds: 45,
    });
  });
});
