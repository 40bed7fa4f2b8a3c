import { ImageError } from './errors.ts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What an image may be. */
export interface ImageLimits {
  /** Of the file. */
  readonly bytes: number;
  /** Width times height. */
  readonly pixels: number;
  /** The longer of width and height. */
  readonly side: number;
}

/** @throws {ImageError} `image_too_large` where the file has more bytes than are allowed. */
export function requireBytesWithinLimit({ byteLength }: Uint8Array, { bytes }: ImageLimits): void {
  if (byteLength <= bytes) return;
  const [actual, limit] = [byteLength, bytes].map((size) => `${Number((size / 2 ** 20).toFixed(1))} MiB`);
  throw new ImageError('image_too_large', `The image is ${actual}: send one of at most ${limit}.`);
}

/** @throws {ImageError} `too_many_pixels`, or `corrupt_image` where there are none. */
export function requireSizeWithinLimit({ width, height }: Size, { pixels, side }: ImageLimits): void {
  if (!(width > 0 && height > 0))
    throw new ImageError('corrupt_image', 'The image has no pixels: send another one.');
  if (width * height <= pixels && Math.max(width, height) <= side) return;
  const limit = `at most ${pixels / 1e6} million pixels and ${side} on each side`;
  throw new ImageError('too_many_pixels', `The image is ${width} × ${height} pixels: send one of ${limit}.`);
}
