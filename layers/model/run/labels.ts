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
  if (!scores.every(Number.isFinite)) throw new Error('The network gave scores that are not numbers.');
  return bestIndices(scores, count).map((index) => {
    const label = labels[index];
    if (!label) throw new Error(`The network's class ${index} has no label.`);
    return { index, ...label, score: scores[index] ?? 0 };
  });
}

/** One pass with the best so far in order: hardly any of a thousand scores gets among the best twenty, so this is far cheaper than a sort. */
function bestIndices(scores: Float32Array, count: number): number[] {
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  scores.forEach((score, index) => {
    if (best.length === count && score <= least) return;
    let at = best.length;
    while (at > 0 && score > (scores[best[at - 1] ?? 0] ?? 0)) at--;
    best.splice(at, 0, index);
    if (best.length > count) best.pop();
    least = scores[best.at(-1) ?? 0] ?? 0;
  });
  return best;
}
