import * as z from 'zod';
import type { PackedTaps } from './coefficients.ts';
import { kernelFunction, kernelMemory, Layout } from './kernel.ts';
import { sizeOf, writeTaps } from './resize.ts';
import { planeBytes } from './rows.ts';
import type { Size } from './size.ts';

export const rowKernelSchema = z.object({
  memory: kernelMemory,
  horizontalPlanar: kernelFunction,
  vertical: kernelFunction,
});

/** The module's exports; `layers/model/kernels/resize.ts` says what they take. */
type RowKernel = z.infer<typeof rowKernelSchema>;

/** A picture as stored, what is made of it, as stored too, and the taps of its two axes: those across in groups, those down in pairs. */
interface Job {
  readonly size: Size;
  readonly result: Size;
  readonly across: PackedTaps;
  readonly down: PackedTaps;
}

/** The two passes of a resize whose rows come one after the other. */
export interface RowPasses {
  write(rows: Uint8Array): void;
  /** The result as packed RGB, valid until the next picture. */
  finish(): Uint8Array;
}

/** Rows of a picture that are resampled across in one go. */
const STRIP_ROWS = 16;

/** Where everything stands in the kernel's memory that both orders of passes need. */
function planTables(layout: Layout, { result, across, down }: Job) {
  return {
    across: layout.place(sizeOf(across)),
    down: layout.place(sizeOf(down)),
    result: layout.place(result.width * result.height * 3),
  };
}

/** The horizontal pass first: each row becomes as many pixels as the result has across; these wait for the vertical pass. */
export class AcrossFirst implements RowPasses {
  readonly #kernel: RowKernel;
  readonly #job: Job;
  readonly #memory: Uint8Array;
  readonly #result: number;
  readonly #strip: number;
  readonly #narrow: number;
  readonly #across: number;
  readonly #acrossTable: number;
  readonly #down: number;
  readonly #downTable: number;
  #y = 0;

  constructor(kernel: RowKernel, job: Job) {
    const { size, result, across, down } = job;
    const layout = new Layout(1024);
    const tables = planTables(layout, job);
    this.#kernel = kernel;
    this.#job = job;
    this.#strip = layout.place(STRIP_ROWS * planeBytes(size.width) * 3);
    this.#narrow = layout.place((size.height + 1) * result.width * 3);
    this.#memory = layout.reserve(kernel.memory);
    this.#result = tables.result;
    this.#across = tables.across;
    this.#down = tables.down;
    this.#acrossTable = writeTaps(this.#memory, tables.across, across);
    this.#downTable = writeTaps(this.#memory, tables.down, down);
  }

  write(rows: Uint8Array): void {
    const { size, result, across } = this.#job;
    const plane = planeBytes(size.width);
    const stripBytes = STRIP_ROWS * plane * 3;
    for (let at = 0; at < rows.byteLength; at += stripBytes) {
      const strip = rows.subarray(at, at + stripBytes);
      const count = strip.byteLength / (plane * 3);
      this.#memory.set(strip, this.#strip);
      this.#kernel.horizontalPlanar(
        this.#strip,
        plane * 3,
        plane,
        count,
        this.#narrow + this.#y * result.width * 3,
        result.width,
        this.#across,
        this.#acrossTable,
        across.stride,
      );
      this.#y += count;
    }
  }

  finish(): Uint8Array {
    const { result, down } = this.#job;
    this.#kernel.vertical(
      this.#narrow,
      result.width * 3,
      this.#result,
      result.height,
      this.#down,
      this.#downTable,
      down.stride,
    );
    return this.#memory.subarray(this.#result, this.#result + result.width * result.height * 3);
  }
}

/** The vertical pass first: rows wait until all are there that a row of the result needs. */
export class DownFirst implements RowPasses {
  readonly #kernel: RowKernel;
  readonly #job: Job;
  readonly #memory: Uint8Array;
  readonly #rowBytes: number;
  readonly #result: number;
  /** Holds `room` rows, the first of which is the picture's row `#base`. */
  readonly #rows: number;
  readonly #room: number;
  readonly #flat: number;
  readonly #across: number;
  readonly #acrossTable: number;
  readonly #down: number;
  readonly #downTable: number;
  #base = 0;
  #end = 0;
  #y = 0;

  constructor(kernel: RowKernel, job: Job) {
    const { size, result, across, down } = job;
    const layout = new Layout(1024);
    const tables = planTables(layout, job);
    this.#kernel = kernel;
    this.#job = job;
    this.#rowBytes = planeBytes(size.width) * 3;
    // Twice as many as one row of the result is made of: what is left over is moved the more seldom.
    this.#room = 2 * (down.stride * 2 + STRIP_ROWS);
    this.#rows = layout.place(this.#room * this.#rowBytes);
    this.#flat = layout.place(result.height * this.#rowBytes);
    this.#memory = layout.reserve(kernel.memory);
    this.#result = tables.result;
    this.#across = tables.across;
    this.#down = tables.down;
    this.#acrossTable = writeTaps(this.#memory, tables.across, across);
    this.#downTable = writeTaps(this.#memory, tables.down, down);
  }

  write(rows: Uint8Array): void {
    const stripBytes = STRIP_ROWS * this.#rowBytes;
    for (let at = 0; at < rows.byteLength; at += stripBytes) {
      const strip = rows.subarray(at, at + stripBytes);
      const count = strip.byteLength / this.#rowBytes;
      if (this.#end + count - this.#base > this.#room) this.#dropRows();
      this.#memory.set(strip, this.#addressOf(this.#end));
      this.#end += count;
      this.#resampleDown();
    }
  }

  /** Forgets the rows that no row of the result needs any more. */
  #dropRows(): void {
    const needed = Math.min(this.#job.down.bounds[this.#y * 2] ?? this.#end, this.#end);
    this.#memory.copyWithin(this.#rows, this.#addressOf(needed), this.#addressOf(this.#end));
    this.#base = needed;
  }

  #addressOf(row: number): number {
    return this.#rows + (row - this.#base) * this.#rowBytes;
  }

  /** Makes the result's rows for which all is there. */
  #resampleDown(): void {
    const { size, result, down } = this.#job;
    // A pair of taps may reach one row past the last.
    const endOf = (y: number) =>
      Math.min((down.bounds[y * 2] ?? 0) + (down.bounds[y * 2 + 1] ?? 0) * 2, size.height);
    const from = this.#y;
    while (this.#y < result.height && endOf(this.#y) <= this.#end) this.#y++;
    if (this.#y === from) return;
    this.#kernel.vertical(
      // Bounds count from the picture's first row, which is perhaps not in memory any more.
      this.#addressOf(0),
      this.#rowBytes,
      this.#flat + from * this.#rowBytes,
      this.#y - from,
      this.#down + from * 8,
      this.#downTable + from * down.stride * 8,
      down.stride,
    );
  }

  finish(): Uint8Array {
    const { size, result, across } = this.#job;
    const plane = planeBytes(size.width);
    this.#kernel.horizontalPlanar(
      this.#flat,
      this.#rowBytes,
      plane,
      result.height,
      this.#result,
      result.width,
      this.#across,
      this.#acrossTable,
      across.stride,
    );
    return this.#memory.subarray(this.#result, this.#result + result.width * result.height * 3);
  }
}

/** No passes at all: each pixel of the result is one of the picture's, or black. */
export class Picked implements RowPasses {
  readonly #plane: number;
  readonly #across: Int32Array;
  readonly #result: Uint8Array;
  /** The result's rows that each of the picture's rows becomes. */
  readonly #wanted = new Map<number, number[]>();
  #y = 0;

  /** @param across the picture's column for each column of the result, or −1. @param down likewise of rows. */
  constructor({ width }: Size, across: Int32Array, down: Int32Array) {
    this.#plane = planeBytes(width);
    this.#across = across;
    this.#result = new Uint8Array(across.length * down.length * 3);
    for (const [row, from] of down.entries()) {
      this.#wanted.set(from, [...(this.#wanted.get(from) ?? []), row]);
    }
  }

  write(rows: Uint8Array): void {
    const rowBytes = this.#plane * 3;
    for (let at = 0; at < rows.byteLength; at += rowBytes, this.#y++) {
      for (const row of this.#wanted.get(this.#y) ?? []) this.#copy(rows.subarray(at, at + rowBytes), row);
    }
  }

  #copy(source: Uint8Array, row: number): void {
    let to = row * this.#across.length * 3;
    for (const column of this.#across) {
      const from = column < 0 ? source.byteLength : column;
      this.#result[to++] = source[from] ?? 0;
      this.#result[to++] = source[from + this.#plane] ?? 0;
      this.#result[to++] = source[from + this.#plane * 2] ?? 0;
    }
  }

  finish(): Uint8Array {
    return this.#result;
  }
}
