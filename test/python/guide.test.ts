import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryModels } from '../support/model/own.ts';
import { drawRings, drawScene, toSharp } from '../support/pictures/drawn.ts';
import { kerasPython } from '../support/python.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, '../../cli/model/main.ts');

/** The lines of the first code block of a section of the guide that is in a language, or in none. */
async function codeOf(section: string, language: 'python' | ''): Promise<string[]> {
  const guide = await readFile(join(import.meta.dirname, '../../docs/own-model.md'), 'utf8');
  const [, rest = ''] = guide.split(`## ${section}\n`);
  const blocks = rest.split('```').filter((_, index) => index % 2 === 1);
  const [first = '', ...lines] = blocks.find((block) => block.startsWith(`${language}\n`))?.split('\n') ?? [];
  expect(first).toBe(language);
  return lines.filter(Boolean);
}

/** What the guide takes for granted: a network as in Keras' guide to transfer learning, with made-up weights, and names of classes. */
const notebook = `
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
keras.utils.set_random_seed(7)
inputs = keras.Input((96, 96, 3))
features = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
for filters in (8, 16):
    features = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(features)
    features = keras.layers.BatchNormalization()(features)
    features = keras.layers.ReLU(6.0)(features)
features = keras.layers.GlobalAveragePooling2D()(features)
features = keras.layers.Dropout(0.2)(features)
outputs = keras.layers.Dense(3, activation="softmax", kernel_initializer=keras.initializers.RandomNormal(stddev=3))(features)
model = keras.Model(inputs, outputs)
model.predict(keras.ops.zeros((1, 96, 96, 3)), verbose=0)
class_names = ["Siamese cat", "dachshund", "Kanarienvögel"]
`;
/** How Keras' own tools read a picture. */
const answers = `
import json
picture = keras.utils.load_img("cat.jpg", target_size=(96, 96), interpolation="bilinear")
scores = model.predict(keras.utils.img_to_array(picture)[None], verbose=0)[0]
print(json.dumps({name: float(score) for name, score in zip(class_names, scores)}))
`;

describe.skipIf(!kerasPython)('the guide', () => {
  let folder: string;
  let scores: Readonly<Record<string, number>>;
  beforeAll(async () => {
    folder = await temporaryModels();
    await toSharp(drawScene(640, 480))
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toFile(join(folder, 'cat.jpg'));
    await toSharp(drawRings(90, 120)).jpeg().toFile(join(folder, 'dog.jpg'));
    const lines = await codeOf('From a Keras notebook', 'python');
    await writeFile(join(folder, 'notebook.py'), [notebook, ...lines, answers].join('\n'));
    const { stdout } = await run(kerasPython ?? '', ['notebook.py'], { cwd: folder, maxBuffer: 1e8 });
    scores = z.record(z.string(), z.number()).parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  }, 170_000);
  afterAll(() => rm(folder, { recursive: true }));

  test("takes a Keras notebook to a labelled picture, with Keras' scores", async () => {
    const command = (await codeOf('From a Keras notebook', '')).find((line) => line.includes('model -- try'));
    const words = command?.split(' -- ')[1]?.split(' ') ?? [];
    expect(words).toEqual(['try', 'pets.onnx', 'cat.jpg']);
    const env = { ...process.env, MODEL_CACHE: join(folder, 'cache'), MODEL_LABELS: '' };
    const { stdout } = await run(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main, ...words],
      { cwd: folder, env },
    );
    const seen = stdout
      .split('\n')
      .slice(0, 3)
      .map((line) => line.split('  '));
    expect(seen).toHaveLength(Object.keys(scores).length);
    for (const [score = '', label = ''] of seen) {
      expect(Math.abs(Number(score) - (scores[label] ?? Number.NaN)), label).toBeLessThanOrEqual(1e-5);
    }
  });
});
