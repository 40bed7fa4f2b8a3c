import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModelLabels } from '../../../layers/model/folder.ts';
import { bestPredictions } from '../../../layers/model/run/labels.ts';

describe('bestPredictions', () => {
  const labels = ['crane', 'maillot', 'crane'].map((label, i) => ({ wnid: `n0000000${i}`, label }));

  test('puts the highest score first and keeps labels that two classes share apart', () => {
    expect(bestPredictions(Float32Array.of(0.25, 0.125, 0.625), labels, 2)).toEqual([
      { index: 2, wnid: 'n00000002', label: 'crane', score: 0.625 },
      { index: 0, wnid: 'n00000000', label: 'crane', score: 0.25 },
    ]);
  });

  test('puts the lower index first where scores are equal', () => {
    const indices = bestPredictions(Float32Array.of(0.2, 0.4, 0.4), labels, 3).map(({ index }) => index);
    expect(indices).toEqual([1, 2, 0]);
  });

  test('leaves float32 scores unrounded', () => {
    expect(bestPredictions(Float32Array.of(0.1), labels, 1)[0]?.score).toBe(Math.fround(0.1));
  });

  test('throws where a class has no label', () => {
    expect(() => bestPredictions(Float32Array.of(0, 0, 0, 1), labels, 1)).toThrow('class 3');
  });
});

describe('readModelLabels', () => {
  test('refuses a file that is no list of labels', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'labels-'));
    await writeFile(join(folder, 'labels.json'), '[{"wnid": 1}]');
    await expect(readModelLabels(folder)).rejects.toThrow();
    await rm(folder, { recursive: true });
  });
});
