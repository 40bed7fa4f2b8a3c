import type { ModelLabel } from '../description.ts';

/** A class and how probable it is. */
export interface Prediction extends ModelLabel {
  /** Position of the class in the network's output. */
  readonly index: number;
  /** Probability, a float32, unrounded. Those of one picture add up to 1 where one class excludes the others. */
  readonly score: number;
}

/** The `count` most probable classes, best first; of equal ones the lower index first. Scores are float32 values, unrounded. */
export function bestPredictions(
  scores: Float32Array,
  labels: readonly ModelLabel[],
  count: number,
): Prediction[] {
  // A plain sort of the numbers is several times faster than one by a function.
  const least = scores.toSorted().at(-count) ?? Number.NEGATIVE_INFINITY;
  if (!scores.every(Number.isFinite)) throw new Error('The network gave scores that are not numbers.');
  const best: { index: number; score: number }[] = [];
  scores.forEach((score, index) => {
    if (score >= least) best.push({ index, score });
  });
  best.sort((a, b) => b.score - a.score || a.index - b.index);
  return best.slice(0, count).map(({ index, score }) => {
    const label = labels[index];
    if (!label) throw new Error(`The network's class ${index} has no label.`);
    return { index, ...label, score };
  });
}
