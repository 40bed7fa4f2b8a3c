import { expect, test } from 'vitest';
import { comparisonTable, ownTable } from '../../../bench/harness/goals.ts';
import { report } from '../../../bench/harness/report.ts';
import type { Results } from '../../../bench/harness/results.ts';

const results = (...rounds: Results['rounds']): Results => ({ machine: {}, photos: 100, seconds: 3, rounds });
const rowsOf = (table: string) => table.split('\n').slice(2);

test('The better of FastAPI’s settings counts by its median, and the best round of any setting beside it', () => {
  const seen = results(
    { ours: { 'rate@8': 200 }, fastapiEight: { 'rate@8': 100 }, fastapiPool: { 'rate@8': 150 } },
    { ours: { 'rate@8': 210 }, fastapiEight: { 'rate@8': 100 }, fastapiPool: { 'rate@8': 160 } },
    { ours: { 'rate@8': 190 }, fastapiEight: { 'rate@8': 250 }, fastapiPool: { 'rate@8': 160 } },
  );
  expect(rowsOf(comparisonTable(seen))).toEqual([
    '| requests per second, 8 connections | 200 | 160 | 250 | 1.25 × | 0.80 × | ≥ 1.25; best ≥ 1 | no |',
  ]);
});

test('Of times, the least is the best', () => {
  const seen = results({ ours: { 'p50@1': 5 }, fastapiOne: { 'p50@1': 8 }, fastapiEight: { 'p50@1': 6.25 } });
  expect(rowsOf(comparisonTable(seen))).toEqual([
    '| p50, 1 connection | 5 ms | 6.25 ms | 6.25 ms | 0.80 × | 0.80 × | ≤ 1 | yes |',
  ]);
});

/** By hand: 5 ms less 4 ms; 180 of 200 a second; 150 of 200 a second. */
test('What the service adds is held against the pipeline alone', () => {
  const seen = results({
    ours: { 'p50@1': 5, 'rate@8': 180, 'form rate': 150 },
    'pipeline 1 × 1': { p50: 6, rate: 100 },
    'pipeline 1 × 2': { p50: 4, rate: 150 },
    'pipeline 2 × 1': { p50: 7, rate: 200 },
  });
  expect(rowsOf(ownTable(seen)).map((row) => row.split(' | ').slice(1).join(' | '))).toEqual([
    '1 ms | ≤ 1.5 ms | yes |',
    '10 % | ≤ 12 % | yes |',
    '75 % | ≥ 85 % | no |',
  ]);
});

test('A run that was cut short has tables of what it measured', () => {
  const tables = report(results({ ours: { 'rate@8': 200 } }, { ours: { 'rate@8': 210 } }, {}));
  expect(tables).toContain('2 interleaved rounds');
  expect(tables).toContain('| requests per second, 8 connections | 205 (200–210) |');
  expect(tables).not.toMatch(/NaN|undefined/);
});
