import { expect, test } from 'vitest';
import { combinations, coveringPairs, pairsOf } from '../support/templates/combinations.ts';

test('the combinations of settings that are checked have each pair of values that any combination has', () => {
  const all = combinations();
  const chosen = coveringPairs(all);
  expect(all).toHaveLength(96);
  expect(chosen.length).toBeLessThan(24);
  expect(new Set(chosen.flatMap(pairsOf))).toEqual(new Set(all.flatMap(pairsOf)));
  for (const pair of [
    'packaging=zip gradualReleases=true',
    'auth=key drops=false',
    'events=true keepData=true',
  ]) {
    expect(chosen.flatMap(pairsOf)).toContain(pair);
  }
});
