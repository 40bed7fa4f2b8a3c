import { Layout } from '../run/kernel.ts';
import { planeBytes, type RowSink } from '../run/rows.ts';
import type { Frame, Scan } from './frame.ts';
import { AC, type JpegHeaders } from './headers.ts';
import { BLOCK_BYTES, COMPONENT_BYTES, codeKinds, type JpegKernel } from './kernel.ts';
import { Source } from './source.ts';

/** Code tables: for DC and AC coefficients, numbers 0 and 1. */
const TABLES = [0, 1, AC, AC + 1];

/** A place of a component in the kernel's memory. */
interface Plane {
  readonly at: number;
  readonly stride: number;
  readonly ac: number;
  readonly dc: number;
  /** Blocks of coefficients in a row, those past the picture's edge included. */
  readonly blocksAcross: number;
}

/** A picture in the kernel's memory: one row of coded units, and all coefficients where it is progressive. */
export class Workspace {
  readonly #kernel: JpegKernel;
  readonly #frame: Frame;
  readonly #memory: Uint8Array;
  readonly #planes: readonly Plane[];
  readonly #components: number;
  readonly #quantisation: number;
  readonly #codes: ReadonlyMap<number, number>;
  readonly #prepared = new Set<number>();
  /** A DHT segment's counts and symbols, or a DQT segment's 64 values. */
  readonly #segment: number;
  readonly #window: number;
  /** What the kernel needs to enlarge chroma. */
  readonly #rows: number;
  readonly #target: number;
  readonly source: Source;

  constructor(kernel: JpegKernel, frame: Frame, bytes: Uint8Array, isProgressive: boolean) {
    const { components, units, width } = frame;
    const rowBytes = kernel.rowBytesOf(units.blocks);
    // Each byte may be followed by one that is stuffed in, each unit by a restart marker and what pads its bits.
    const most = 2 * rowBytes + 4 * units.blocks;
    const room = Math.min(bytes.byteLength, 2 * most);
    const layout = new Layout(kernel.memoryBase);
    this.#kernel = kernel;
    this.#frame = frame;
    this.#components = layout.place(components.length * COMPONENT_BYTES);
    this.#quantisation = layout.place(components.length * BLOCK_BYTES);
    this.#codes = new Map(TABLES.map((number) => [number, layout.place(kernel.codeTableBytes)]));
    this.#segment = layout.place(16 + 256);
    this.#window = layout.place(2 * rowBytes + 4096);
    const source = layout.place(room);
    this.#rows = layout.place(units.across * 16 * 8 + 512);
    // The last time there may be a row more: the one that waited.
    this.#target = layout.place(planeBytes(width) * 3 * (units.rows + 1));
    this.#planes = components.map(({ across, down }) => {
      const blocksAcross = units.across * across;
      const stride = blocksAcross * 8;
      const at = layout.place(stride * (down * 8 + 1)) + stride;
      const blocks = isProgressive ? blocksAcross * units.down * down : 0;
      const [ac, dc] = [layout.place(blocks * BLOCK_BYTES), layout.place(blocks * 2)];
      return { at, stride, blocksAcross, ac, dc };
    });
    this.#memory = layout.reserve(kernel.memory);
    this.source = new Source(kernel, { memory: this.#memory, at: source, room, most }, bytes);
    this.#writeComponents();
    if (isProgressive) this.#clearCoefficients();
  }

  #writeComponents(): void {
    const words = new Int32Array(this.#memory.buffer);
    for (const [index, { across, down, quantisation }] of this.#frame.components.entries()) {
      const table = this.#quantisation + index * BLOCK_BYTES;
      this.#memory.set(quantisation, this.#segment);
      this.#kernel.prepareQuantisation(this.#segment, table);
      const { at, stride, ac, dc, blocksAcross } = this.#planes[index] ?? noPlane;
      words.set(
        [across, down, table, 0, 0, at, stride, 0, ac, dc, blocksAcross],
        this.#componentAt(index) / 4,
      );
    }
  }

  #clearCoefficients(): void {
    const { down } = this.#frame.units;
    for (const [index, { ac, dc, blocksAcross }] of this.#planes.entries()) {
      const blocks = blocksAcross * down * (this.#frame.components[index]?.down ?? 0);
      this.#memory.fill(0, ac, ac + blocks * BLOCK_BYTES);
      this.#memory.fill(0, dc, dc + blocks * 2);
    }
  }

  #componentAt(index: number): number {
    return this.#components + index * COMPONENT_BYTES;
  }

  /** Makes code tables of what the headers hold, and takes it from them. @returns whether they are valid. */
  takeCodes({ codes, isProgressive }: JpegHeaders): boolean {
    const acKind = isProgressive ? codeKinds.acOfProgressive : codeKinds.ac;
    for (const [number, table] of codes) {
      this.#memory.set(table, this.#segment);
      const kind = number < AC ? codeKinds.dc : acKind;
      if (this.#kernel.prepareCodes(this.#segment, this.#codes.get(number) ?? 0, kind) === 0) return false;
      this.#prepared.add(number);
    }
    codes.clear();
    return true;
  }

  /** Begins a scan whose data is at `start` in the file. @returns whether the code tables that it needs are there. */
  startScan(scan: Scan, restartInterval: number, start: number): boolean {
    const { units, components } = this.#frame;
    const words = new Int32Array(this.#memory.buffer);
    for (const { index, dcCodes, acCodes } of scan.components) {
      const needsDc = scan.from === 0 && scan.high === 0;
      if (needsDc && !this.#prepared.has(dcCodes)) return false;
      if (scan.to > 0 && !this.#prepared.has(acCodes)) return false;
      const [dc = 0, ac = 0] = [this.#codes.get(dcCodes), this.#codes.get(acCodes)];
      words.set([dc, ac], this.#componentAt(index) / 4 + 3);
    }
    const [{ index: first } = { index: 0 }] = scan.components;
    const count = scan.components.length;
    // A component alone has units of one block (T.81, A.2.2).
    const across = count === 1 ? (components[first]?.blocksAcross ?? 0) : units.across;
    this.#kernel.startScan(
      this.#componentAt(first),
      count,
      across,
      units.blocks,
      restartInterval,
      this.#window,
    );
    this.source.start(start);
    this.#kernel.startSegment();
    return true;
  }

  /** Makes the planes of row `row` of units from the coefficients. */
  transform(row: number): void {
    this.#kernel.transformRow(this.#components, this.#planes.length, row);
  }

  /**
   * Hands row `row` of units, which is in the planes, to the sink. Where chroma is half as high, the last row of samples waits for the
   * chroma below it.
   */
  writeRow(row: number, sink: RowSink): void {
    const { width, height, units, components } = this.#frame;
    const isHalfHigh = components[0]?.down === 2;
    const isFirst = row === 0;
    const isLast = row === units.down - 1;
    const left = height - row * units.rows;
    const from = isHalfHigh && !isFirst ? -1 : 0;
    const end = isLast ? left : units.rows - (isHalfHigh ? 1 : 0);
    const [firstChroma, lastChroma] = [isFirst ? 0 : -1, Math.min(7, (left - 1) >> 1)];
    const bytes = planeBytes(width);
    const kernel = this.#kernel;
    kernel.convert(
      ...[this.#components, components.length, width, from, end],
      ...[firstChroma, lastChroma, this.#rows, this.#target, bytes],
    );
    if (isHalfHigh) kernel.keepLastRow(this.#components, components.length);
    sink.write(this.#memory.subarray(this.#target, this.#target + (end - from) * 3 * bytes));
  }
}

const noPlane: Plane = { at: 0, stride: 0, ac: 0, dc: 0, blocksAcross: 0 };
