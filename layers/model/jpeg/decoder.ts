import * as z from 'zod';
import { markers } from '../run/jpeg-header.ts';
import { kernelFunction, kernelMemory, Layout, loadKernel } from '../run/kernel.ts';
import { planeBytes, type RowSink, type StoredPicture } from '../run/rows.ts';
import type { ImageLimits } from '../run/size.ts';
import { AC, type BaselineJpeg, readBaselineJpeg } from './baseline.ts';
import { Source } from './source.ts';

/**
 * Decodes a JPEG of the usual kind to RGB, which `sink` takes row by row. `undefined` where it is of another kind, too large, or not as it
 * should be; the sink has then perhaps taken some rows.
 */
export type DecodeJpeg = (bytes: Uint8Array, sink: RowSink) => StoredPicture | undefined;

/** An exported constant. */
const constant = z.object({ value: z.number() }).transform(({ value }) => value);
const kernelSchema = z.object({
  memory: kernelMemory,
  memoryBase: constant,
  codeTableBytes: constant,
  prepareCodes: kernelFunction,
  prepareQuantisation: kernelFunction,
  rowBytesOf: kernelFunction,
  startScan: kernelFunction,
  giveSource: kernelFunction,
  sourceLeft: kernelFunction,
  startSegment: kernelFunction,
  decodeRow: kernelFunction,
  endScan: kernelFunction,
  convert: kernelFunction,
  keepLastRow: kernelFunction,
});

/** The module's exports; `layers/model/jpeg/kernel.ts` says what they take. */
type Kernel = z.infer<typeof kernelSchema>;

/**
 * Loads the JPEG kernel. Its samples are equal to libvips' and Pillow's to the bit. It works on one row of coded units at a time, so that its
 * memory, which never shrinks, stays below 12 MB for a picture of any size.
 * @param path of `jpeg.wasm`.
 */
export async function loadJpegDecoder(path: string, limits: ImageLimits): Promise<DecodeJpeg> {
  const kernel = await loadKernel(path, kernelSchema);
  return (bytes, sink) => {
    if (bytes.byteLength > limits.bytes) return undefined;
    const jpeg = readBaselineJpeg(bytes);
    if (jpeg === undefined || !isWithinLimits(jpeg, limits)) return undefined;
    return decodeBaseline(kernel, jpeg, bytes, sink) ? jpeg : undefined;
  };
}

function isWithinLimits({ width, height }: StoredPicture, { pixels, side }: ImageLimits): boolean {
  return width * height <= pixels && Math.max(width, height) <= side;
}

/** Answers with whether the whole file is as it should be. */
function decodeBaseline(kernel: Kernel, jpeg: BaselineJpeg, bytes: Uint8Array, sink: RowSink): boolean {
  const plan = planMemory(kernel, jpeg, bytes.byteLength);
  const memory = plan.layout.reserve(kernel.memory);
  if (!writeTables(kernel, jpeg, plan, memory)) return false;
  const { across, blocks } = plan.units;
  kernel.startScan(plan.components, jpeg.scan.length, across, blocks, jpeg.restartInterval, plan.window);
  const source = new Source(kernel, { memory, at: plan.source, room: plan.sourceRoom, most: plan.mostBytes });
  source.start(bytes, jpeg.start);
  kernel.startSegment();
  sink.start(jpeg);
  for (let row = 0; row < plan.units.down; row++) {
    source.fill();
    if (kernel.decodeRow() === 0) return false;
    convertRow(kernel, jpeg, plan, row, (from, end) => sink.write(memory.subarray(from, end)));
  }
  source.fill();
  return kernel.endScan() === markers.endOfImage;
}

/** Where everything stands in the kernel's memory, in bytes. */
interface Plan {
  readonly layout: Layout;
  readonly units: Units;
  readonly components: number;
  readonly quantisation: number;
  readonly codes: ReadonlyMap<number, number>;
  /** A DHT segment's counts and symbols, or a DQT segment's 64 values. */
  readonly segment: number;
  readonly window: number;
  readonly source: number;
  readonly sourceRoom: number;
  /** Of the file, in one row of units. */
  readonly mostBytes: number;
  readonly planes: readonly { readonly at: number; readonly stride: number }[];
  /** What the kernel needs to enlarge chroma. */
  readonly rows: number;
  readonly target: number;
}

function planMemory(kernel: Kernel, jpeg: BaselineJpeg, fileBytes: number): Plan {
  const { scan, width } = jpeg;
  const units = countUnits(jpeg);
  const rowBytes = kernel.rowBytesOf(units.blocks);
  // Each byte may be followed by one that is stuffed in, each unit by a restart marker and what pads its bits.
  const mostBytes = 2 * rowBytes + 4 * units.across;
  const sourceRoom = Math.min(fileBytes, 2 * mostBytes);
  const layout = new Layout(kernel.memoryBase);
  const planes = scan.map(({ across, down }) => {
    const stride = units.across * across * 8;
    return { stride, at: layout.place(stride * (down * 8 + 1)) + stride };
  });
  return {
    layout,
    units,
    components: layout.place(scan.length * 32),
    quantisation: layout.place(scan.length * 128),
    codes: new Map([...jpeg.codes.keys()].map((number) => [number, layout.place(kernel.codeTableBytes)])),
    segment: layout.place(16 + 256),
    window: layout.place(2 * rowBytes + 4096),
    source: layout.place(sourceRoom),
    sourceRoom,
    mostBytes,
    planes,
    rows: layout.place((planes[0]?.stride ?? 0) * 8 + 512),
    target: layout.place(planeBytes(width) * 3 * units.rows),
  };
}

/** Answers with whether the code tables are valid. */
function writeTables(kernel: Kernel, jpeg: BaselineJpeg, plan: Plan, memory: Uint8Array): boolean {
  for (const [number, table] of jpeg.codes) {
    memory.set(table, plan.segment);
    if (kernel.prepareCodes(plan.segment, plan.codes.get(number) ?? 0, number < AC ? 1 : 0) === 0)
      return false;
  }
  const words = new Int32Array(memory.buffer);
  for (const [index, component] of jpeg.scan.entries()) {
    const table = plan.quantisation + index * 128;
    memory.set(jpeg.quantisation.get(component.quantisation) ?? [], plan.segment);
    kernel.prepareQuantisation(plan.segment, table);
    const { stride = 0, at = 0 } = plan.planes[index] ?? {};
    const [dc = 0, ac = 0] = [plan.codes.get(component.dcCodes), plan.codes.get(component.acCodes)];
    words.set(
      [component.across, component.down, table, dc, ac, at, stride, 0],
      plan.components / 4 + index * 8,
    );
  }
  return true;
}

/**
 * Converts a row of units, which is in the planes, and says where the result stands. Where chroma is half as high, the last row waits for
 * the chroma below it.
 */
function convertRow(
  kernel: Kernel,
  { width, height, scan }: BaselineJpeg,
  { units, rows, target }: Plan,
  row: number,
  take: (from: number, end: number) => void,
): void {
  const isFirst = row === 0;
  const isLast = row === units.down - 1;
  const isHalfHigh = scan[0]?.down === 2;
  const left = height - row * units.rows;
  const from = isHalfHigh && !isFirst ? -1 : 0;
  const end = isLast ? left : units.rows - (isHalfHigh ? 1 : 0);
  const lastChroma = Math.min(7, (left - 1) >> 1);
  const bytes = planeBytes(width);
  kernel.convert(width, from, end, isFirst ? 0 : -1, lastChroma, rows, target, bytes);
  if (isHalfHigh) kernel.keepLastRow();
  take(target, target + (end - from) * 3 * bytes);
}

/** Coded units (T.81, A.2: MCU). */
interface Units {
  /** In a row. */
  readonly across: number;
  /** Rows of them. */
  readonly down: number;
  /** Rows of samples in a row of them. */
  readonly rows: number;
  /** Blocks in a row of them. */
  readonly blocks: number;
}

/** The first component has the largest sampling factors. */
function countUnits({ width, height, scan }: BaselineJpeg): Units {
  const { across = 1, down = 1 } = scan[0] ?? {};
  const unitsAcross = Math.ceil(width / (8 * across));
  return {
    across: unitsAcross,
    down: Math.ceil(height / (8 * down)),
    rows: 8 * down,
    blocks: unitsAcross * scan.reduce((sum, component) => sum + component.across * component.down, 0),
  };
}
