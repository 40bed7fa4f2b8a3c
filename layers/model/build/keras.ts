import { stat } from 'node:fs/promises';
import { Dataset, Group, type File as Hdf5File, File as OpenHdf5File, ready } from 'h5wasm/node';
import { WeightsError } from './errors.ts';

/** A weight as the file holds it: row-major float32 values and their shape. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Reads one weight of one layer, such as `('Conv1', 'kernel')`.
 * @throws {WeightsError} where the file has no such weight, or one of another type.
 */
export type WeightReader = (layer: string, weight: string) => Weight;

/**
 * Opens a file of Keras weights (HDF5, as `Model.save_weights` wrote it for Keras 2) for the time that `use` takes.
 * @throws {WeightsError} where the file is missing, truncated, not HDF5, or not of this layout.
 */
export async function withKerasWeights<T>(path: string, use: (read: WeightReader) => T): Promise<T> {
  await requireFile(path);
  const hdf5 = await ready;
  // Else HDF5 prints its error stack, returns an invalid handle and nothing throws.
  hdf5.activate_throwing_error_handler();
  const file = open(path);
  try {
    return use((layer, weight) => readWeight(file, path, layer, weight));
  } finally {
    file.close();
  }
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new WeightsError(`There is no weights file at ${path}.`, { cause });
  });
  if (!found.isFile()) throw new WeightsError(`${path} is not a file: a Keras weights file (.h5) is needed.`);
}

function open(path: string): Hdf5File {
  try {
    return new OpenHdf5File(path, 'r');
  } catch (cause) {
    const truncated = /truncated/i.test(String(cause));
    const what = truncated
      ? 'is incomplete: fetch it again'
      : 'is not an HDF5 file: a Keras weights file (.h5) is needed';
    throw new WeightsError(`${path} ${what}.`, { cause });
  }
}

function readWeight(file: Hdf5File, path: string, layer: string, weight: string): Weight {
  const name = `${layer}/${layer}/${weight}:0`;
  let value: unknown;
  let shape: readonly number[] | null = null;
  try {
    const dataset = file.get(layer) instanceof Group ? file.get(name) : null;
    if (dataset instanceof Dataset) ({ value, shape } = dataset);
  } catch (cause) {
    throw new WeightsError(`${path} is damaged: ${name} cannot be read.`, { cause });
  }
  if (value instanceof Float32Array && shape) return { shape, values: value };
  throw new WeightsError(`${path} does not hold Keras' MobileNetV2: it has no float32 weight ${name}.`);
}
