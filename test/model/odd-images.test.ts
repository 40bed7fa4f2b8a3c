import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Classifier, openClassifier } from '../../layers/model/run/classifier.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import { classifierOptions } from '../support/model/decode.ts';
import { referenceModel, references } from '../support/pictures/reference.ts';

/** The folder of files that image libraries use to test themselves, with Pillow's answer for each; not part of this project. */
const folder = process.env.ODD_IMAGES ?? '';

const answersSchema = z.array(
  z.object({
    file: z.string(),
    origin: z.string(),
    format: z.string(),
    pillow: z.object({ label: z.string(), score: z.number() }),
  }),
);

/** Files that hold what is not read here, by what the answer says of them. */
const unread: Readonly<Record<string, string>> = {
  'lab-green.tif': 'Lab colours',
  'lab-red.tif': 'Lab colours',
  '10ct_32bit_128.tiff': 'floating-point samples',
  'Chimera-AV1-10bit-480x270.avif': 'an animation without a still picture',
};

/** Files that their suites damaged on purpose: by a wrong checksum, or by a fuzzer. */
const damaged = [
  'xcsn0g01.png',
  'msie-tiff-mem-leak.tif',
  'crash-0da013a13571cc8eb457a39fee8db18f8a3c7127.tif',
  '10cb2d32138629cece3e062a8aea2f52518f21ef',
  '1026c91eaa65ce2b63f2eb9a5ebe1de049223e27',
  '1a657c5cd9a6a271a820e7b5c7e76d7050b9ee0c',
  'b4ddab9f83fa1ac3c70d9cce02c312a76c87d14d.crash',
  'fa72906f603791dacbb490f70b496bfb9829a3ee',
  '1fd1e52b45cac9917c274d94b311abb10641249f',
];

/** docs/decisions/colours-of-avif.md says why these scores may differ, and by how much. */
function tolerance(format: string, name: string): number {
  // Grey of limited range: 0.032 without its stretching.
  if (name.includes('monochrome')) return 0.02;
  return format === 'AVIF' || /^(old-style-jpeg|ojpeg)/.test(name) ? 0.06 : 1e-4;
}

describe.skipIf(!references || !existsSync(join(folder, 'answers.json')))(
  'odd files of public test suites',
  () => {
    let classifier: Classifier;
    beforeAll(async () => {
      classifier = await openClassifier((await referenceModel()).dir, classifierOptions);
    });
    afterAll(() => classifier.close());

    it("have Pillow's best class and score, or are refused with the reason", async () => {
      const text = await readFile(join(folder, 'answers.json'), 'utf8');
      for (const { file, origin, format, pillow } of answersSchema.parse(JSON.parse(text))) {
        const name = origin.slice(origin.lastIndexOf('/') + 1);
        const answer = await classifier
          .classify({ bytes: await readFile(join(folder, file)) })
          .catch((error: unknown) => error);
        const stored = unread[name];
        if (stored !== undefined) {
          expect(answer, name).toMatchObject({
            code: 'unsupported_variant',
            message: expect.stringContaining(stored),
          });
        } else if (answer instanceof ImageError) {
          expect(damaged, `${name}: ${answer.message}`).toContain(name);
          expect(answer.code, name).toBe('corrupt_image');
        } else {
          expect(answer, name).toMatchObject({
            predictions: [{ label: pillow.label }, ...Array(19).fill({})],
          });
          const { predictions } = z
            .object({ predictions: z.array(z.object({ score: z.number() })) })
            .parse(answer);
          expect(Math.abs((predictions[0]?.score ?? 0) - pillow.score), name).toBeLessThanOrEqual(
            tolerance(format, name),
          );
        }
      }
    });
  },
);
