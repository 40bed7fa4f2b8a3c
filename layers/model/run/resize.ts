import * as z from 'zod';
import type { Pixels } from './bmp.ts';
import { computeTaps, type PackedTaps, packTaps } from './coefficients.ts';
import { kernelFunction, kernelMemory, Layout, loadKernel } from './kernel.ts';
import type { Size } from './size.ts';

/** Resizes RGB pixels to a square of a fixed side, packed RGB again, in `target` where one of that size is given. */
export type Resize = (pixels: Pixels, target?: Uint8Array) => Uint8Array;

const kernelSchema = z.object({ memory: kernelMemory, horizontal: kernelFunction, vertical: kernelFunction });

/** The module's exports; `layers/model/kernels/resize.ts` says what they take. */
type Kernel = z.infer<typeof kernelSchema>;

/** Rows of the source go to the kernel in strips of about this size: they stay in the processor's cache, and memory stays small. */
const STRIP_BYTES = 192 * 1024;
const KEPT_SIZES = 64;

/**
 * Loads the resize kernel: Pillow's bicubic resampling, equal to that of Pillow 13 to the bit. However large the source is, the kernel's
 * memory holds a strip of it and its rows or columns that are done, some 15 MB at the most.
 * @param path of `resize.wasm`.
 * @param side of the result in pixels.
 */
export async function loadResize(path: string, side: number): Promise<Resize> {
  const kernel = await loadKernel(path, kernelSchema);
  // The horizontal pass takes four taps at once, the vertical one two.
  const across = keepLatest(KEPT_SIZES, (width: number) => packTaps(computeTaps(width, side), 2));
  const down = keepLatest(KEPT_SIZES, (height: number) => packTaps(computeTaps(height, side), 1));

  return (source, target = new Uint8Array(side * side * 3)) => {
    const job = { source, target, side, across: across(source.width), down: down(source.height) };
    return isVerticalFirst(source, side) ? resizeDownFirst(kernel, job) : resizeAcrossFirst(kernel, job);
  };
}

/**
 * Which pass Pillow runs first; the intermediate picture is rounded, so the order shows in the result
 * (`ImagingResampleInner` in Resample.c of Pillow 13).
 */
export function isVerticalFirst({ width, height }: Size, side: number): boolean {
  return height > side && height - side > (width - side) * 2;
}

interface Resizing {
  readonly source: Pixels;
  readonly target: Uint8Array;
  readonly side: number;
  readonly across: PackedTaps;
  readonly down: PackedTaps;
}

function resizeAcrossFirst(kernel: Kernel, { source, target, side, across, down }: Resizing): Uint8Array {
  const { width, height } = source;
  const stripRows = Math.min(height, Math.max(1, Math.floor(STRIP_BYTES / (width * 3))));
  const layout = new Layout(1024);
  const [acrossAt, downAt] = [layout.place(sizeOf(across)), layout.place(sizeOf(down))];
  const strip = layout.place(stripRows * width * 3);
  const narrow = layout.place((height + 1) * side * 3);
  const result = layout.place(side * side * 3);
  const memory = layout.reserve(kernel.memory);
  const acrossTable = writeTaps(memory, acrossAt, across);
  const downTable = writeTaps(memory, downAt, down);
  for (let y = 0; y < height; y += stripRows) {
    const rows = Math.min(stripRows, height - y);
    memory.set(rowsOf(source, y, y + rows), strip);
    kernel.horizontal(strip, width, rows, narrow + y * side * 3, side, acrossAt, acrossTable, across.stride);
  }
  kernel.vertical(narrow, side * 3, result, side, downAt, downTable, down.stride);
  target.set(memory.subarray(result, result + side * side * 3));
  return target;
}

function resizeDownFirst(kernel: Kernel, { source, target, side, across, down }: Resizing): Uint8Array {
  const { width } = source;
  const rowBytes = width * 3;
  const strips = planStrips(down, side, Math.floor(STRIP_BYTES / rowBytes));
  const layout = new Layout(1024);
  const [acrossAt, downAt] = [layout.place(sizeOf(across)), layout.place(sizeOf(down))];
  const strip = layout.place(Math.max(...strips.map(({ from, end }) => end - from)) * rowBytes);
  const flat = layout.place(side * rowBytes);
  const result = layout.place(side * side * 3);
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
  kernel.horizontal(flat, width, side, result, side, acrossAt, acrossTable, across.stride);
  target.set(memory.subarray(result, result + side * side * 3));
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
function planStrips({ bounds }: PackedTaps, side: number, limit: number): Strip[] {
  const strips: Strip[] = [];
  for (let y = 0; y < side; ) {
    const from = bounds[y * 2] ?? 0;
    // Pairs of taps may reach one row past the last.
    const endOf = (row: number) => (bounds[row * 2] ?? 0) + (bounds[row * 2 + 1] ?? 0) * 2;
    let rows = 1;
    while (y + rows < side && endOf(y + rows) - from <= limit) rows++;
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

/** Remembers the `limit` latest results of a function of one number. */
export function keepLatest<T>(limit: number, compute: (key: number) => T): (key: number) => T {
  const kept = new Map<number, T>();
  return (key) => {
    const value = kept.get(key) ?? compute(key);
    kept.delete(key);
    kept.set(key, value);
    const [oldest] = kept.keys();
    if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
    return value;
  };
}
