import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FLOAT, loadModelProto } from '../../../layers/model/build/onnx.ts';
import { colours } from './own.ts';

const side = { height: 48, width: 64 };
const inputs = 3 * side.height * side.width;
const hidden = 9500;
const classes = Object.keys(colours).length;
const dataFile = 'model.onnx_data';
const bytesPerNumber = 4;
const blockNumbers = 1 << 20;

/** The bytes of the weights that {@link writeLargeModel} writes: 350 MB. */
export const largeModelBytes = (inputs * hidden + hidden * classes) * bytesPerNumber;

/** Writes a model folder whose weights stand in a file of their own, as ONNX has it for large networks: two layers, made-up weights. */
export async function writeLargeModel(folder: string): Promise<void> {
  await writeWeights(join(folder, dataFile), largeModelBytes / bytesPerNumber);
  await writeFile(join(folder, 'model.onnx'), network());
  await writeFile(join(folder, 'config.json'), JSON.stringify({ id2label: colours }));
  const processor = { image_processor_type: 'ViTImageProcessor', size: side };
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
}

/** Numbers of about 0 that differ from block to block: integer arithmetic, the same everywhere. */
async function writeWeights(path: string, count: number): Promise<void> {
  const file = await open(path, 'w');
  const block = new Float32Array(blockNumbers);
  let state = 1;
  for (let at = 0; at < block.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    block[at] = state / 2 ** 31 / 100;
  }
  for (let written = 0; written < count; written += blockNumbers) {
    block[(written / blockNumbers) % blockNumbers] = 0;
    await file.write(block.subarray(0, Math.min(blockNumbers, count - written)));
  }
  await file.close();
}

function network(): Uint8Array {
  const node = (opType: string, input: string[], output: string) => ({
    ...{ opType, input, output: [output] },
    name: output,
  });
  const external = (name: string, dims: readonly number[], offset: number, length: number) => ({
    ...{ name, dims, dataType: FLOAT, dataLocation: 1 },
    externalData: Object.entries({ location: dataFile, offset, length }).map(([key, value]) => ({
      ...{ key, value: String(value) },
    })),
  });
  const value = (name: string, shape: readonly number[]) => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  });
  const first = inputs * hidden * bytesPerNumber;
  const graph = {
    name: 'large',
    node: [
      node('Flatten', ['pixel_values'], 'flat'),
      node('MatMul', ['flat', 'first_weights'], 'first'),
      node('Relu', ['first'], 'kept'),
      node('MatMul', ['kept', 'last_weights'], 'logits'),
    ],
    initializer: [
      external('first_weights', [inputs, hidden], 0, first),
      external('last_weights', [hidden, classes], first, hidden * classes * bytesPerNumber),
    ],
    input: [value('pixel_values', [1, 3, side.height, side.width])],
    output: [value('logits', [1, classes])],
  };
  const model = { irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph };
  return loadModelProto().encode(model).finish();
}
