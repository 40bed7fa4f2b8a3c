import type { Prediction } from '../../../functions/shared/job.ts';
import type { Label } from '../../../functions/shared/model-description.ts';

/** The `count` most probable classes, best first; of equal ones the lower index first. Scores are float32 values, unrounded. */
export function bestPredictions(scores: Float32Array, labels: readonly Label[], count: number): Prediction[] {
  // A plain sort of the numbers is several times faster than one by a function.
  const least = scores.toSorted().at(-count) ?? 0;
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
