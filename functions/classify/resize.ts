import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Pixels } from './bmp.ts';
import { computeTaps, type PackedTaps, packTaps } from './coefficients.ts';

/** Resizes RGB pixels to a square of `side` pixels, packed RGB again. The result is the caller's own. */
export type Resize = (pixels: Pixels) => Uint8Array;

type Pass = (...numbers: number[]) => void;

const kernelSchema = z.object({
  memory: z.instanceof(WebAssembly.Memory),
  horizontal: z.custom<Pass>((value) => typeof value === 'function'),
  vertical: z.custom<Pass>((value) => typeof value === 'function'),
});

const PAGE = 65_536;
/** Rows of the source go to the kernel in strips of about this size: they stay in the processor's cache and memory stays small. */
const STRIP_BYTES = 192 * 1024;
/** The kernel reads and writes a little past the end of what it is told, and two rows of padding taps. */
const SLACK = 64;
const KEPT_SIZES = 64;

/**
 * Loads the resize kernel: Pillow's bicubic resampling, equal to it to the bit. Its memory holds one strip of the source and the
 * source's rows at the width of the result, 11 MB at the most.
 * @param path of `resize.wasm`.
 */
export async function loadResize(path: string, side: number): Promise<Resize> {
  const { instance } = await WebAssembly.instantiate(await readFile(path));
  const { memory, horizontal, vertical } = kernelSchema.parse(instance.exports);
  const tapsOf = keepLatest(KEPT_SIZES, (size: number) => packTaps(computeTaps(size, side), 2));
  const rowBytes = side * 3;

  return ({ data, width, height }) => {
    const across = tapsOf(width);
    const down = tapsOf(height);
    const stripRows = Math.min(height, Math.max(1, Math.floor(STRIP_BYTES / (width * 3))));
    const layout = new Layout();
    const [acrossAt, downAt] = [layout.place(sizeOf(across)), layout.place(sizeOf(down))];
    const strip = layout.place(stripRows * width * 3);
    const narrowed = layout.place((height + 3) * rowBytes);
    const result = layout.place(side * rowBytes);
    layout.reserve(memory);
    writeTaps(memory, acrossAt, across);
    writeTaps(memory, downAt, down);
    const samples = new Uint8Array(memory.buffer);
    for (let y = 0; y < height; y += stripRows) {
      const rows = Math.min(stripRows, height - y);
      samples.set(data.subarray(y * width * 3, (y + rows) * width * 3), strip);
      horizontal(
        strip,
        width,
        rows,
        narrowed + y * rowBytes,
        side,
        acrossAt,
        acrossAt + across.bounds.byteLength,
        across.stride,
      );
    }
    vertical(narrowed, rowBytes, result, side, downAt, downAt + down.bounds.byteLength, down.stride);
    return samples.slice(result, result + side * rowBytes);
  };
}

/** Places blocks one after the other, each at a multiple of 16. */
class Layout {
  #end = 1024;

  place(bytes: number): number {
    const at = this.#end;
    this.#end = Math.ceil((at + bytes + SLACK) / 16) * 16;
    return at;
  }

  reserve(memory: WebAssembly.Memory): void {
    const missing = Math.ceil((this.#end - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
  }
}

function sizeOf({ bounds, table }: PackedTaps): number {
  return bounds.byteLength + table.byteLength;
}

function writeTaps(memory: WebAssembly.Memory, at: number, { bounds, table }: PackedTaps): void {
  new Int32Array(memory.buffer, at, bounds.length).set(bounds);
  new Int16Array(memory.buffer, at + bounds.byteLength, table.length).set(table);
}

/** Remembers the `limit` latest results of a function of one number. */
function keepLatest<T>(limit: number, compute: (key: number) => T): (key: number) => T {
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
