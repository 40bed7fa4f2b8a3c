/** `node test/keras/draw-variants.ts DIR`: writes made-up weights of other widths and sizes to DIR, for `variants.py`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { variants, weightsName } from '../support/model/variants.ts';
import { writeSeededWeights } from '../support/model/weights.ts';

const dir = process.argv[2];
if (!dir) throw new Error('Name the folder to write to.');
await mkdir(dir, { recursive: true });
for (const variant of variants) {
  await writeSeededWeights(join(dir, weightsName(variant)), { alpha: variant.alpha });
}
