import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { ModelError } from '../../layers/model/build/errors.ts';
import { type Processor, readProcessor } from '../../layers/model/build/own/processor.ts';
import type { Pixels } from '../../layers/model/run/bmp.ts';
import { geometryOf } from '../../layers/model/run/preprocess.ts';
import { loadResize } from '../../layers/model/run/resize.ts';
import { tensorWriter } from '../../layers/model/run/tensor.ts';
import { readJson, temporaryModels } from '../support/model/own.ts';
import { seededModel } from '../support/model/weights.ts';
import { drawnPictures, toSharp } from '../support/pictures/drawn.ts';
import { transformersPython } from '../support/python.ts';

const answer = z.union([
  z.object({ error: z.string() }),
  z.object({ shape: z.array(z.number()), type: z.string(), sha256: z.string() }),
]);
const answersSchema = z.array(
  z.object({ configuration: z.record(z.string(), z.unknown()), answers: z.record(z.string(), answer) }),
);
const count = 400;
/** Another seed, such as a run's own, tries other configurations. */
const seed = process.env.RANDOM_SEED || '1';

async function askTransformers(): Promise<z.infer<typeof answersSchema>> {
  const folder = await temporaryModels();
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  for (const [name, pixels] of Object.entries(drawnPictures))
    await toSharp(pixels)
      .png()
      .toFile(join(pictures, `${name}.png`));
  const script = join(import.meta.dirname, '../transformers/random_configurations.py');
  const out = join(folder, 'answers.json');
  const parts = ['--pictures', pictures, '--count', String(count), '--seed', seed, '--out', out];
  await promisify(execFile)(transformersPython ?? '', [script, ...parts], { maxBuffer: 1e8 });
  const answers = answersSchema.parse(await readJson(out));
  await rm(folder, { recursive: true });
  return answers;
}

/** What a configuration makes of a picture, as its answer from Python is told. */
async function ourAnswer(kernel: string, { preprocessing, size, isWhole }: Processor, picture: Pixels) {
  const { frameOf, placeOf } = geometryOf(preprocessing);
  const type = isWhole ? 'uint8' : 'float32';
  const input = { name: 'x', layout: 'NCHW', type, ...size } as const;
  const samples = (await loadResize(kernel, frameOf))(picture);
  const tensor = tensorWriter(input, preprocessing)(samples, frameOf(picture).window, placeOf(picture));
  const bytes = new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
  return { shape: [1, 3, size.height, size.width], type, sha256: hash('sha256', bytes) };
}

function readOrRefuse(configuration: Readonly<Record<string, unknown>>): Processor | string {
  try {
    return readProcessor('p.json', configuration, undefined);
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}

/** A refusal names the option, which stands in the configuration; or says that pictures get different sizes. */
function isNamed(refusal: string, configuration: Readonly<Record<string, unknown>>): boolean {
  return (
    Object.keys(configuration).some((name) => refusal.includes(name)) || refusal.includes('different sizes')
  );
}

test.skipIf(!transformersPython)(
  `of ${count} random configurations each gives the tensors of transformers to the bit, or is refused by its option's name`,
  async () => {
    const kernel = join((await seededModel()).dir, 'resize.wasm');
    let equal = 0;
    for (const { configuration, answers } of await askTransformers()) {
      const read = readOrRefuse(configuration);
      const about = `${JSON.stringify(configuration)}: ${typeof read === 'string' ? read : ''}`;
      if (typeof read === 'string') {
        expect(isNamed(read, configuration), about).toBe(true);
        continue;
      }
      for (const [name, expected] of Object.entries(answers)) {
        const picture = drawnPictures[name];
        if (picture === undefined) throw new Error(`There is no picture ${name}.`);
        expect(await ourAnswer(kernel, read, picture), `${about} ${name}`).toEqual(expected);
        equal++;
      }
    }
    console.log(`${equal} tensors of ${count} configurations, seed ${seed}, are equal`);
    expect(equal).toBeGreaterThan(count);
  },
);
