import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { imageLimits } from '../../functions/shared/limits.ts';
import { loadInputReader } from '../../layers/model/run/input.ts';
import { openModel } from '../../layers/model/run/model.ts';
import { framePicture } from '../../layers/model/run/preview.ts';
import { buildNamed } from './check.ts';

const timeoutSeconds = 60;

interface TryOptions {
  /** Where the picture goes that the network sees. */
  readonly out: string;
  readonly top: number;
}

/** Labels a photo, and writes what the network sees of it. Answers with a table of scores and the times. */
export async function tryModel(
  path: string,
  photo: string,
  environment: Readonly<Record<string, string | undefined>>,
  { out, top }: TryOptions,
): Promise<string> {
  if (!Number.isInteger(top) || top < 1) throw new Error('--top takes a whole number from 1.');
  const { dir, input, preprocessing } = await buildNamed(path, environment);
  const bytes = await readFile(photo).catch(() => {
    throw new Error(`There is no photo at ${photo}.`);
  });
  const model = await openModel(dir, { keptPredictions: top });
  const read = await loadInputReader(dir, [model.frameOf], { limits: imageLimits, timeoutSeconds });
  const { windows, decoded, decode, resize } = await read({ bytes });
  const [window = new Uint8Array()] = windows;
  const { data, ...size } = framePicture(window, decoded, input, preprocessing);
  await sharp(data, { raw: { ...size, channels: 3 } })
    .png()
    .toFile(out);
  const started = performance.now();
  const predictions = await model.predict(window, decoded);
  const network = performance.now() - started;
  await model.close();
  const times = Object.entries({ decode, resize, network }).map(
    ([step, time]) => `${step} ${time.toFixed(1)} ms`,
  );
  return [
    ...predictions.map(({ score, label }) => `${score.toFixed(6)}  ${label}`),
    `What the network sees: ${out}, ${size.width} × ${size.height}`,
    times.join(', '),
  ].join('\n');
}
