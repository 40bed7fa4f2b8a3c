import { computeTaps, mirrorTaps, packGroups, packTaps, type Span, type Taps } from './coefficients.ts';
import type { SmoothFilter } from './filters.ts';
import { type Frame, type FrameOf, isVerticalFirst, pickNearest, spanKey, spansOf } from './frame.ts';
import { keepLatest } from './keep-latest.ts';
import { loadKernel } from './kernel.ts';
import { AcrossFirst, DownFirst, Picked, type RowPasses, rowKernelSchema } from './row-passes.ts';
import { type RowSink, type StoredPicture, type Turn, turnOf, uprightSize } from './rows.ts';
import type { Size } from './size.ts';

/** Makes a picture into its frame's window, upright, while its rows come. */
export interface RowResize extends RowSink {
  /** After the last row: the window as packed RGB, in `target` where one of that size is given. */
  finish(target?: Uint8Array): Uint8Array;
}

type TapsOf = (span: Span) => Taps[];

const KEPT_SIZES = 64;

/**
 * Loads the resize kernel for rows that come one after the other, as stored. The result equals that of Pillow 13 for the upright
 * picture to the bit: a picture that is turned has its taps mirrored and its passes exchanged instead, and only the result is turned.
 * The kernel's memory stays below 32 MB where the window is 224 pixels wide and high.
 * @param path of `resize.wasm`.
 */
export async function loadRowResize(path: string, frameOf: FrameOf): Promise<RowResize> {
  const kernel = await loadKernel(path, rowKernelSchema);
  const tapsOf = keepLatest(
    1,
    (filter: SmoothFilter) => filter,
    (filter) => {
      const straight = (span: Span) => computeTaps(span, filter);
      const mirrored = (span: Span) => mirrorTaps(computeTaps(span, filter), span.inputs);
      const across = (taps: TapsOf) =>
        keepLatest(KEPT_SIZES, spanKey, (span: Span) => packGroups(taps(span)));
      const down = (taps: TapsOf) => keepLatest(KEPT_SIZES, spanKey, (span: Span) => packTaps(taps(span), 1));
      return {
        across: { straight: across(straight), mirrored: across(mirrored) },
        down: { straight: down(straight), mirrored: down(mirrored) },
      };
    },
  );

  function passesOf(picture: StoredPicture, frame: Frame, turn: Turn): RowPasses {
    const { across, down } = storedSpans(picture, frame, turn);
    if (frame.filter === 'nearest') {
      return new Picked(
        picture,
        turn.isMirroredAcross ? mirrorPicks(across) : pickNearest(across),
        turn.isMirroredDown ? mirrorPicks(down) : pickNearest(down),
      );
    }
    const taps = tapsOf(frame.filter);
    // What Pillow does first to the upright picture, seen from the stored one.
    const isDownFirst = isVerticalFirst(uprightSize(picture), frame) !== turn.isOnItsSide;
    return new (isDownFirst ? DownFirst : AcrossFirst)(kernel, {
      size: picture,
      result: { width: across.count, height: down.count },
      across: taps.across[turn.isMirroredAcross ? 'mirrored' : 'straight'](across),
      down: taps.down[turn.isMirroredDown ? 'mirrored' : 'straight'](down),
    });
  }

  let current: { passes: RowPasses; turn: Turn; frame: Frame } | undefined;
  return {
    start(picture) {
      const turn = turnOf(picture.orientation);
      const frame = frameOf(uprightSize(picture));
      current = { passes: passesOf(picture, frame, turn), turn, frame };
    },
    write(rows) {
      current?.passes.write(rows);
    },
    finish(given) {
      if (current === undefined) throw new Error('No picture has been started.');
      const { window } = current.frame;
      const target = given ?? new Uint8Array(window.width * window.height * 3);
      turnUpright(current.passes.finish(), window, current.turn, target);
      return target;
    },
  };
}

/** The frame's axes as the stored picture has them, which may lie on its side. */
function storedSpans(picture: StoredPicture, frame: Frame, { isOnItsSide }: Turn) {
  const { across, down } = spansOf(uprightSize(picture), frame);
  return isOnItsSide ? { across: down, down: across } : { across, down };
}

/** What is picked from a mirrored picture for a mirrored result. */
function mirrorPicks(span: Span): Int32Array {
  return pickNearest(span)
    .map((position) => (position < 0 ? position : span.inputs - 1 - position))
    .reverse();
}

/** Copies a window of packed RGB, turned. `size` is that of the upright window. */
function turnUpright(source: Uint8Array, { width, height }: Size, turn: Turn, target: Uint8Array): void {
  if (!turn.isMirroredAcross && !turn.isMirroredDown && !turn.isOnItsSide) {
    target.set(source);
    return;
  }
  const [storedWidth, storedHeight] = turn.isOnItsSide ? [height, width] : [width, height];
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [row, column] = turn.isOnItsSide ? [x, y] : [y, x];
      const storedRow = turn.isMirroredDown ? storedHeight - 1 - row : row;
      const from =
        (storedRow * storedWidth + (turn.isMirroredAcross ? storedWidth - 1 - column : column)) * 3;
      target[to] = source[from] ?? 0;
      target[to + 1] = source[from + 1] ?? 0;
      target[to + 2] = source[from + 2] ?? 0;
    }
  }
}
