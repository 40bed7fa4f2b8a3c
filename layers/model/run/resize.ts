import * as z from 'zod';
import type { Pixels } from './bmp.ts';
import { computeTaps, type PackedTaps, packTaps } from './coefficients.ts';
import type { SmoothFilter } from './filters.ts';
import { type FrameOf, isVerticalFirst, pickNearest, spanKey, spansOf } from './frame.ts';
import { keepLatest } from './keep-latest.ts';
import { kernelFunction, kernelMemory, Layout, loadKernel } from './kernel.ts';
import type { Size } from './size.ts';

/** Makes an upright picture into its frame's window, packed RGB again, in `target` where one of that size is given. */
export type Resize = (pixels: Pixels, target?: Uint8Array) => Uint8Array;

const kernelSchema = z.object({ memory: kernelMemory, horizontal: kernelFunction, vertical: kernelFunction });

/** The module's exports; `layers/model/kernels/resize.ts` says what they take. */
type Kernel = z.infer<typeof kernelSchema>;

/** Rows of the source go to the kernel in strips of about this size: they stay in the processor's cache, and memory stays small. */
const STRIP_BYTES = 192 * 1024;
const KEPT_SIZES = 64;

/**
 * Loads the resize kernel: Pillow's resampling, equal to that of Pillow 13 to the bit. However large the source is, the kernel's memory
 * holds a strip of it and its rows or columns that are done: some 15 MB at the most where the window is 224 pixels wide and high.
 * @param path of `resize.wasm`.
 */
export async function loadResize(path: string, frameOf: FrameOf): Promise<Resize> {
  const kernel = await loadKernel(path, kernelSchema);
  // The horizontal pass takes four taps at once, the vertical one two.
  const [across, down] = [tapsOf(2), tapsOf(1)];

  return (source, given) => {
    const frame = frameOf(source);
    const { filter, window } = frame;
    const spans = spansOf(source, frame);
    const target = given ?? new Uint8Array(window.width * window.height * 3);
    if (filter === 'nearest') return pick(source, pickNearest(spans.across), pickNearest(spans.down), target);
    const taps = { across: across(filter)(spans.across), down: down(filter)(spans.down) };
    const resizing = { source, target, window, ...taps };
    return isVerticalFirst(source, frame)
      ? resizeDownFirst(kernel, resizing)
      : resizeAcrossFirst(kernel, resizing);
  };
}

/** The packed taps of a span, by filter; the latest are kept. */
function tapsOf(multiple: number) {
  return keepLatest(
    1,
    (filter: SmoothFilter) => filter,
    (filter) => keepLatest(KEPT_SIZES, spanKey, (span) => packTaps(computeTaps(span, filter), multiple)),
  );
}

/** Copies the pixels that are picked; where there is none, black. */
function pick({ data, width }: Pixels, across: Int32Array, down: Int32Array, target: Uint8Array): Uint8Array {
  let to = 0;
  for (const y of down) {
    for (const x of across) {
      const from = x < 0 || y < 0 ? data.byteLength : (y * width + x) * 3;
      target[to++] = data[from] ?? 0;
      target[to++] = data[from + 1] ?? 0;
      target[to++] = data[from + 2] ?? 0;
    }
  }
  return target;
}

interface Resizing {
  readonly source: Pixels;
  readonly target: Uint8Array;
  readonly window: Size;
  readonly across: PackedTaps;
  readonly down: PackedTaps;
}

function resizeAcrossFirst(kernel: Kernel, { source, target, window, across, down }: Resizing): Uint8Array {
  const { width, height } = source;
  const rowBytes = window.width * 3;
  const stripRows = Math.min(height, Math.max(1, Math.floor(STRIP_BYTES / (width * 3))));
  const layout = new Layout(1024);
  const [acrossAt, downAt] = [layout.place(sizeOf(across)), layout.place(sizeOf(down))];
  const strip = layout.place(stripRows * width * 3);
  const narrow = layout.place((height + 1) * rowBytes);
  const result = layout.place(window.height * rowBytes);
  const memory = layout.reserve(kernel.memory);
  const acrossTable = writeTaps(memory, acrossAt, across);
  const downTable = writeTaps(memory, downAt, down);
  for (let y = 0; y < height; y += stripRows) {
    const rows = Math.min(stripRows, height - y);
    memory.set(rowsOf(source, y, y + rows), strip);
    const out = narrow + y * rowBytes;
    kernel.horizontal(strip, width, rows, out, window.width, acrossAt, acrossTable, across.stride);
  }
  kernel.vertical(narrow, rowBytes, result, window.height, downAt, downTable, down.stride);
  target.set(memory.subarray(result, result + window.height * rowBytes));
  return target;
}

function resizeDownFirst(kernel: Kernel, { source, target, window, across, down }: Resizing): Uint8Array {
  const { width } = source;
  const rowBytes = width * 3;
  const resultBytes = window.width * window.height * 3;
  const strips = planStrips(down, window.height, Math.floor(STRIP_BYTES / rowBytes));
  const layout = new Layout(1024);
  const [acrossAt, downAt] = [layout.place(sizeOf(across)), layout.place(sizeOf(down))];
  const strip = layout.place(Math.max(...strips.map(({ from, end }) => end - from)) * rowBytes);
  const flat = layout.place(window.height * rowBytes);
  const result = layout.place(resultBytes);
  const memory = layout.reserve(kernel.memory);
  const acrossTable = writeTaps(memory, acrossAt, across);
  const downTable = writeTaps(memory, downAt, down);
  for (const { y, rows, from, end } of strips) {
    memory.set(rowsOf(source, from, end), strip);
    // Bounds count from the source's first row, which is not in memory.
    const origin = strip - from * rowBytes;
    const table = downTable + y * down.stride * 8;
    kernel.vertical(origin, rowBytes, flat + y * rowBytes, rows, downAt + y * 8, table, down.stride);
  }
  const { width: columns, height: rows } = window;
  kernel.horizontal(flat, width, rows, result, columns, acrossAt, acrossTable, across.stride);
  target.set(memory.subarray(result, result + resultBytes));
  return target;
}

/** `rows` rows of the result from `y` on, and the source's rows `from` up to `end` that they are made of. */
interface Strip {
  readonly y: number;
  readonly rows: number;
  readonly from: number;
  readonly end: number;
}

/** Groups the result's rows so that a group needs at most `limit` rows of the source, or is of one row. */
function planStrips({ bounds }: PackedTaps, height: number, limit: number): Strip[] {
  const strips: Strip[] = [];
  for (let y = 0; y < height; ) {
    const from = bounds[y * 2] ?? 0;
    // Pairs of taps may reach one row past the last.
    const endOf = (row: number) => (bounds[row * 2] ?? 0) + (bounds[row * 2 + 1] ?? 0) * 2;
    let rows = 1;
    while (y + rows < height && endOf(y + rows) - from <= limit) rows++;
    strips.push({ y, rows, from, end: endOf(y + rows - 1) });
    y += rows;
  }
  return strips;
}

/** The source's rows as they lie in memory; rows past its last are left out. */
function rowsOf({ data, width }: Pixels, from: number, end: number): Uint8Array {
  return data.subarray(from * width * 3, end * width * 3);
}

export function sizeOf({ bounds, table }: PackedTaps): number {
  return bounds.byteLength + table.byteLength;
}

/** Writes bounds and, behind them, the coefficients; answers with where these begin. */
export function writeTaps(memory: Uint8Array, at: number, { bounds, table }: PackedTaps): number {
  new Int32Array(memory.buffer, at, bounds.length).set(bounds);
  new Int16Array(memory.buffer, at + bounds.byteLength, table.length).set(table);
  return at + bounds.byteLength;
}
