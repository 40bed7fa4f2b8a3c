import type { ModelInput, Preprocessing } from '../description.ts';
import type { Place } from './preprocess.ts';
import type { Size } from './size.ts';

/** The elements of a network's input. */
export type TensorData = Uint8Array | Float32Array | Float16Array;

/** Makes a window, packed RGB, into the network's input, in `target` where one of that type and size is given. */
export type WriteTensor = (
  samples: Uint8Array,
  window: Size,
  place: Place,
  target?: TensorData,
) => TensorData;

const arrays = { uint8: Uint8Array, float32: Float32Array, float16: Float16Array } as const;

/** Prepares what turns samples into the elements of a network's input. */
export function tensorWriter(input: ModelInput, preprocessing: Preprocessing): WriteTensor {
  const { layout, width, height, type } = input;
  const tables = [0, 1, 2].map((channel) => arrays[type].from(valuesOf(preprocessing, channel)));
  const area = width * height;
  // The samples are the tensor, as they stand.
  const isPlain = layout === 'NHWC' && type === 'uint8' && preprocessing.channels === 'RGB';

  return (samples, window, { left, top }, given) => {
    if (isPlain && samples.byteLength === area * 3) return samples;
    const target = given ?? new arrays[type](area * 3);
    const isFilled = window.width === width && window.height === height;
    const [step, nextChannel] = layout === 'NHWC' ? [3, 1] : [1, area];
    for (const [channel, table] of tables.entries()) {
      const source = preprocessing.channels === 'RGB' ? channel : 2 - channel;
      const at = channel * nextChannel;
      if (!isFilled) fillChannel(target, at, step, area, table[0] ?? 0);
      for (let y = 0; y < window.height; y++) {
        let from = y * window.width * 3 + source;
        let to = at + ((top + y) * width + left) * step;
        for (let x = 0; x < window.width; x++, from += 3, to += step) {
          target[to] = table[samples[from] ?? 0] ?? 0;
        }
      }
    }
    return target;
  };
}

function fillChannel(target: TensorData, at: number, step: number, count: number, value: number): void {
  for (let i = 0, to = at; i < count; i++, to += step) target[to] = value;
}

/**
 * What each of the 256 samples becomes in one channel. `transformers` multiplies in float64 and rounds to float32, and subtracts and
 * divides in float32.
 */
function valuesOf({ rescale, normalize }: Preprocessing, channel: number): number[] {
  return Array.from({ length: 256 }, (_, sample) => {
    let value = rescale ? Math.fround(sample * rescale.factor) : sample;
    if (rescale) value = Math.fround(value + rescale.offset);
    for (const { mean, std } of normalize) {
      const centred = Math.fround(value - Math.fround(mean[channel] ?? Number.NaN));
      value = Math.fround(centred / Math.fround(std[channel] ?? Number.NaN));
    }
    return value;
  });
}
