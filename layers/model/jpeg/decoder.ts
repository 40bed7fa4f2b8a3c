import * as z from 'zod';
import type { Pixels } from '../run/bmp.ts';
import { markers, shrinkFactor } from '../run/jpeg-header.ts';
import { kernelFunction, kernelMemory, Layout, loadKernel } from '../run/kernel.ts';
import type { ImageLimits, Size } from '../run/size.ts';
import { AC, type BaselineJpeg, type JpegComponent, readBaselineJpeg } from './baseline.ts';

/**
 * Decodes a JPEG of the usual kind to upright RGB; `undefined` where it is of another kind, too large, or not as it should be. The
 * samples stand in the decoder's memory until the next call.
 */
export type DecodeJpeg = (bytes: Uint8Array) => Pixels | undefined;

/** An exported constant. */
const constant = z.object({ value: z.number() }).transform(({ value }) => value);
const kernelSchema = z.object({
  memory: kernelMemory,
  memoryBase: constant,
  codeTableBytes: constant,
  segmentSlack: constant,
  prepareCodes: kernelFunction,
  prepareQuantisation: kernelFunction,
  decodeScan: kernelFunction,
  convert: kernelFunction,
});

/** The module's exports; `layers/model/jpeg/kernel.ts` says what they take. */
type Kernel = z.infer<typeof kernelSchema>;

/** A kernel's memory never shrinks. */
const MOST_PIXELS = 2_000_000;
const MOST_BYTES = 2 * 1024 * 1024;

/**
 * Loads the JPEG kernel. Its samples are equal to libvips' and Pillow's to the bit.
 * @param path of `jpeg.wasm`.
 * @param inputSize side of the network's input: larger pictures are shrunk while they are decoded, which libvips does.
 */
export async function loadJpegDecoder(
  path: string,
  inputSize: number,
  limits: ImageLimits,
): Promise<DecodeJpeg> {
  const kernel = await loadKernel(path, kernelSchema);
  return (bytes) => {
    if (bytes.byteLength > MOST_BYTES) return undefined;
    const jpeg = readBaselineJpeg(bytes);
    return jpeg && isSuitable(jpeg, inputSize, limits) ? decodeBaseline(kernel, jpeg, bytes) : undefined;
  };
}

function isSuitable(size: Size, inputSize: number, limits: ImageLimits): boolean {
  const { width, height } = size;
  const isWithinLimits = width * height <= MOST_PIXELS && Math.max(width, height) <= limits.side;
  return isWithinLimits && shrinkFactor(size, inputSize) === 1;
}

function decodeBaseline(kernel: Kernel, jpeg: BaselineJpeg, bytes: Uint8Array): Pixels | undefined {
  const { width, height, scan } = jpeg;
  const [unitsAcross, unitsDown] = countUnits(jpeg);
  const layout = new Layout(kernel.memoryBase);
  const components = layout.place(scan.length * 32);
  const quantisation = layout.place(scan.length * 128);
  const codes = new Map(
    [...jpeg.codes.keys()].map((number) => [number, layout.place(kernel.codeTableBytes)]),
  );
  // A DHT segment's counts and symbols, or a DQT segment's 64 values.
  const given = layout.place(16 + 256);
  const source = layout.place(bytes.byteLength);
  const segment = layout.place(bytes.byteLength + kernel.segmentSlack);
  const planes = scan.map(({ across, down }) => {
    const stride = unitsAcross * across * 8;
    return { stride, at: layout.place(stride * unitsDown * down * 8) };
  });
  const rows = layout.place((planes[0]?.stride ?? 0) * 8 + 512);
  const target = layout.place(width * height * 3);
  const memory = layout.reserve(kernel.memory);

  for (const [number, table] of jpeg.codes) {
    memory.set(table, given);
    if (!kernel.prepareCodes(given, codes.get(number) ?? 0, number < AC ? 1 : 0)) return undefined;
  }
  const words = new Int32Array(memory.buffer);
  for (const [index, component] of scan.entries()) {
    const table = quantisation + index * 128;
    memory.set(jpeg.quantisation.get(component.quantisation) ?? [], given);
    kernel.prepareQuantisation(given, table);
    const { stride = 0, at = 0 } = planes[index] ?? {};
    const [dc = 0, ac = 0] = [codes.get(component.dcCodes), codes.get(component.acCodes)];
    words.set([component.across, component.down, table, dc, ac, at, stride, 0], components / 4 + index * 8);
  }
  memory.set(bytes, source);
  const marker = kernel.decodeScan(
    source + jpeg.start,
    source + bytes.byteLength,
    segment,
    components,
    scan.length,
    unitsAcross,
    unitsDown,
    jpeg.restartInterval,
  );
  const isEndOfImage = marker !== 0 && memory[marker] === 0xff && memory[marker + 1] === markers.endOfImage;
  if (!isEndOfImage) return undefined;
  kernel.convert(components, scan.length, width, height, rows, target);
  return { data: memory.subarray(target, target + width * height * 3), width, height };
}

/** Coded units (T.81, A.2: MCU) in a row, and rows of them. The first component has the largest sampling factors. */
function countUnits({ width, height, scan: [first] }: BaselineJpeg): [across: number, down: number] {
  const { across, down }: Pick<JpegComponent, 'across' | 'down'> = first ?? { across: 1, down: 1 };
  return [Math.ceil(width / (8 * across)), Math.ceil(height / (8 * down))];
}
