import type { ModelFacts } from './description.ts';

type Needs = NonNullable<ModelFacts['needs']>;

/** What one process needs that has all of these models and asks each; `undefined` where none was measured, because all are small. */
export function needsOf(models: readonly Pick<ModelFacts, 'needs'>[]): Needs | undefined {
  const measured = models.flatMap(({ needs }) => needs ?? []);
  if (measured.length === 0) return undefined;
  const sum = (of: keyof Needs) => measured.reduce((total, needs) => total + needs[of], 0);
  return {
    memoryMb: sum('memoryMb'),
    loadMilliseconds: sum('loadMilliseconds'),
    runMilliseconds: sum('runMilliseconds'),
  };
}
