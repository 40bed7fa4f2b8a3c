import { numbersOf, type TiffDirectory } from './directory.ts';

/** What a TIFF's first directory says of its samples (TIFF 6.0, part 1). */
export interface TiffPicture {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly bits: number;
  readonly compression: number;
  readonly photometric: number;
  /** Samples of a pixel, extra ones included. */
  readonly samples: number;
  /** Of {@link SampleFormat}. */
  readonly format: number;
  /** What the samples beyond the colours are: 0 nothing said, 1 premultiplied alpha, 2 alpha. */
  readonly extra: readonly number[];
  /** Whether each sample has a plane of its own. */
  readonly isPlanar: boolean;
  readonly isTiled: boolean;
  /** Of a tile, or of a strip, whose width is the picture's. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Where each block begins and how long it is, in bytes. */
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
  readonly predictor: number;
  /** Whether the lowest bit of a byte is its first. */
  readonly isReversed: boolean;
  /** Pixels that share a pair of chroma samples, across and down. */
  readonly subsampling: readonly [number, number];
}

export const SampleFormat = { unsigned: 1, signed: 2, float: 3, undefined: 4 } as const;

export const Photometric = {
  whiteIsZero: 0,
  blackIsZero: 1,
  rgb: 2,
  palette: 3,
  cmyk: 5,
  ycbcr: 6,
  lab: 8,
} as const;

/** @throws {RangeError} where the directory does not describe a picture. */
export function readPicture(directory: TiffDirectory): TiffPicture {
  const all = (tag: number) => numbersOf(directory, tag);
  const first = (tag: number, otherwise: number) => all(tag)[0] ?? otherwise;
  const [width, height] = [first(256, 0), first(257, 0)];
  if (!(width > 0 && height > 0)) throw new RangeError('The picture has no size');
  const isTiled = directory.entries.has(322);
  const [across = 2, down = 2] = all(530);
  return {
    ...{ width, height, isTiled },
    bits: first(258, 1),
    compression: first(259, 1),
    photometric: first(262, -1),
    samples: first(277, 1),
    format: first(339, SampleFormat.unsigned),
    extra: all(338),
    isPlanar: first(284, 1) === 2,
    blockWidth: isTiled ? first(322, 0) : width,
    blockHeight: isTiled ? first(323, 0) : Math.min(first(278, height), height),
    offsets: all(isTiled ? 324 : 273),
    counts: all(isTiled ? 325 : 279),
    predictor: first(317, 1),
    isReversed: first(266, 1) === 2,
    subsampling: [across, down],
  };
}
