import { computeTaps, mirrorTaps, type PackedTaps, packGroups, packTaps, type Taps } from './coefficients.ts';
import { loadKernel } from './kernel.ts';
import { isVerticalFirst, keepLatest } from './resize.ts';
import { AcrossFirst, DownFirst, type RowPasses, rowKernelSchema } from './row-passes.ts';
import { type RowSink, type Turn, turnOf, uprightSize } from './rows.ts';

/** Resizes a picture to an upright square of a fixed side while its rows come. */
export interface RowResize extends RowSink {
  /** After the last row: the square as packed RGB, in `target` where one of that size is given. */
  finish(target?: Uint8Array): Uint8Array;
}

/** The taps of one axis of the stored picture, in its order, for either pass. */
interface Axis {
  readonly across: PackedTaps;
  readonly down: PackedTaps;
}

const KEPT_SIZES = 64;

/**
 * Loads the resize kernel for rows that come one after the other, as stored. The result equals that of Pillow 13 for the upright
 * picture to the bit: a picture that is turned has its taps mirrored and its passes exchanged instead, and only the result is turned.
 * The kernel's memory stays below 32 MB.
 * @param path of `resize.wasm`.
 * @param side of the result in pixels.
 */
export async function loadRowResize(path: string, side: number): Promise<RowResize> {
  const kernel = await loadKernel(path, rowKernelSchema);
  const axisOf = (taps: Taps[]): Axis => ({ across: packGroups(taps), down: packTaps(taps, 1) });
  const straight = keepLatest(KEPT_SIZES, (size) => axisOf(computeTaps(size, side)));
  const mirrored = keepLatest(KEPT_SIZES, (size) => axisOf(mirrorTaps(computeTaps(size, side), size)));
  let turn = turnOf(1);
  let passes: RowPasses | undefined;
  return {
    start(picture) {
      turn = turnOf(picture.orientation);
      const { across } = (turn.isMirroredAcross ? mirrored : straight)(picture.width);
      const { down } = (turn.isMirroredDown ? mirrored : straight)(picture.height);
      // What Pillow does first to the upright picture, seen from the stored one.
      const isDownFirst = isVerticalFirst(uprightSize(picture), side) !== turn.isOnItsSide;
      passes = new (isDownFirst ? DownFirst : AcrossFirst)(kernel, { size: picture, side, across, down });
    },
    write(rows) {
      passes?.write(rows);
    },
    finish(target = new Uint8Array(side * side * 3)) {
      if (passes === undefined) throw new Error('No picture has been started.');
      turnUpright(passes.finish(), side, turn, target);
      return target;
    },
  };
}

/** Copies a square of packed RGB, turned. */
function turnUpright(source: Uint8Array, side: number, turn: Turn, target: Uint8Array): void {
  if (!turn.isMirroredAcross && !turn.isMirroredDown && !turn.isOnItsSide) {
    target.set(source);
    return;
  }
  for (let y = 0, to = 0; y < side; y++) {
    for (let x = 0; x < side; x++, to += 3) {
      const [row, column] = turn.isOnItsSide ? [x, y] : [y, x];
      const storedRow = turn.isMirroredDown ? side - 1 - row : row;
      const from = (storedRow * side + (turn.isMirroredAcross ? side - 1 - column : column)) * 3;
      target[to] = source[from] ?? 0;
      target[to + 1] = source[from + 1] ?? 0;
      target[to + 2] = source[from + 2] ?? 0;
    }
  }
}
