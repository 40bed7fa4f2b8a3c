import { Problem } from '../../../functions/shared/errors.ts';
import { limits } from '../../../functions/shared/limits.ts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** @throws {Problem} `image_too_large` where the file has more bytes than an upload may have. */
export function requireBytesWithinLimit({ byteLength }: Uint8Array): void {
  if (byteLength <= limits.uploadedImageBytes) return;
  const limit = `${limits.uploadedImageBytes / 2 ** 20} MiB`;
  throw new Problem('image_too_large', `The image has ${byteLength} bytes: send one of at most ${limit}.`);
}

/** @throws {Problem} `too_many_pixels`, or `corrupt_image` where there are none. */
export function requireSizeWithinLimit({ width, height }: Size): void {
  if (!(width > 0 && height > 0))
    throw new Problem('corrupt_image', 'The image has no pixels: send another one.');
  const { imagePixels, imageSide } = limits;
  if (width * height <= imagePixels && Math.max(width, height) <= imageSide) return;
  const limit = `at most ${imagePixels / 1e6} million pixels and ${imageSide} on each side`;
  throw new Problem('too_many_pixels', `The image is ${width} × ${height} pixels: send one of ${limit}.`);
}
