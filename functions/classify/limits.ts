import { Problem } from '../shared/errors.ts';

export const MAX_BYTES = 25 * 2 ** 20;
export const MAX_PIXELS = 50_000_000;
export const MAX_SIDE = 16_384;

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** @throws {Problem} `image_too_large` where the file has more bytes than an upload may have. */
export function requireBytesWithinLimit(bytes: Uint8Array): void {
  if (bytes.byteLength <= MAX_BYTES) return;
  throw new Problem(
    'image_too_large',
    `The image has ${bytes.byteLength} bytes: send one of at most ${MAX_BYTES}.`,
  );
}

/** @throws {Problem} `too_many_pixels`, `corrupt_image` where the image has none. */
export function requireSizeWithinLimit({ width, height }: Size): void {
  if (!(width > 0 && height > 0))
    throw new Problem('corrupt_image', 'The image has no pixels: send another one.');
  if (width * height <= MAX_PIXELS && width <= MAX_SIDE && height <= MAX_SIDE) return;
  const limit = `at most ${MAX_PIXELS / 1e6} million pixels and ${MAX_SIDE} on each side`;
  throw new Problem('too_many_pixels', `The image is ${width} × ${height} pixels: send one of ${limit}.`);
}
