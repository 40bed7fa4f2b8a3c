import type { Size } from './size.ts';

/**
 * EXIF's orientation (Exif 2.32, 4.6.4): 1 is upright; 2, 3 and 4 are mirrored, turned by half and flipped; 5 to 8 lie on their side.
 */
export const orientations = [1, 2, 3, 4, 5, 6, 7, 8] as const;
export type Orientation = (typeof orientations)[number];

/** A picture as its file has it, before it is turned upright. */
export interface StoredPicture extends Size {
  readonly orientation: Orientation;
}

/** Takes a picture's rows as a decoder gives them, so that no one holds the whole of it. */
export interface RowSink {
  /** Begins a picture. Whatever another one has left is forgotten. */
  start(picture: StoredPicture): void;
  /**
   * Takes the next rows, from the top as stored. A row is its red samples, its green and its blue ones, `planeBytes(width)` bytes each.
   * They are not used after the call.
   */
  write(rows: Uint8Array): void;
}

/** Samples of a row in one colour, padded to whole vectors of the kernels. */
export function planeBytes(width: number): number {
  return Math.ceil(width / 16) * 16;
}

/** How a stored picture becomes upright: first mirrored across and down, then rows and columns are exchanged. */
export interface Turn {
  readonly isMirroredAcross: boolean;
  readonly isMirroredDown: boolean;
  readonly isOnItsSide: boolean;
}

export function turnOf(orientation: Orientation): Turn {
  return {
    isMirroredAcross: [2, 3, 7, 8].includes(orientation),
    isMirroredDown: [3, 4, 6, 7].includes(orientation),
    isOnItsSide: orientation >= 5,
  };
}

/** The size of the picture when it is upright. */
export function uprightSize({ width, height, orientation }: StoredPicture): Size {
  return turnOf(orientation).isOnItsSide ? { width: height, height: width } : { width, height };
}
