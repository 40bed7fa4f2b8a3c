import type { ModelFacts, Preprocessing } from '../description.ts';

/** A model in one sentence each for what goes in, what is done to it and what comes out. */
export function describeModel({ name, sha256, classes, input, preprocessing, output }: ModelFacts): string {
  const { width, height, layout, type } = input;
  const scores = output.activation === 'softmax' ? 'one of them' : 'any number of them';
  const values = output.values === 'logits' ? `${output.activation} of its logits` : 'its own probabilities';
  return [
    `Model ${name} (${sha256.slice(0, 12)}): ${classes} classes, a picture shows ${scores}.`,
    `Pictures: ${describeSteps(preprocessing).join(', ')}.`,
    `Network: takes ${width} × ${height} ${type} ${layout}; the scores are ${values}.`,
  ].join('\n');
}

function describeSteps({ resize, crop, rescale, normalize, channels }: Preprocessing): string[] {
  const steps: string[] = [];
  if (resize !== undefined) {
    const to =
      'height' in resize
        ? `stretched to ${resize.width} × ${resize.height}`
        : `shorter edge ${resize.shortestEdge}`;
    steps.push(`${to} (Pillow's ${resize.filter})`);
  }
  if (crop !== undefined) steps.push(`middle ${crop.width} × ${crop.height}`);
  if (rescale === undefined) steps.push('samples 0 to 255');
  else
    steps.push(
      `samples × ${Number(rescale.factor.toPrecision(4))}${rescale.offset === 0 ? '' : ` − ${-rescale.offset}`}`,
    );
  for (const { mean, std } of normalize) steps.push(`less ${mean.join(' ')}, by ${std.join(' ')}`);
  if (channels === 'BGR') steps.push('blue first');
  return steps;
}
