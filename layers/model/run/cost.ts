import { ImageError } from './errors.ts';

/**
 * What decoding a file may cost, counted from its headers before it is decoded. Each bound is some two seconds of processor time, and
 * several times what an encoder of that format needs for the largest picture that is taken.
 */
export const costLimits = {
  /** Samples that the scans of a JPEG visit: about 20 scans over 50 million pixels. */
  jpegSamples: 1_500_000_000,
  /** A scan costs its set-up even where it visits few samples. */
  jpegScan: 20_000,
  /** An arithmetic-coded sample costs this many times a Huffman-coded one. */
  jpegArithmetic: 8,
  /** Samples of all coded frames and tiles of an AVIF: 50 million pixels with colour at half size (4:2:0), and a third more. */
  av1Samples: 100_000_000,
  /** The same of a HEIC: 50 million pixels with colour at half size. */
  hevcSamples: 75_000_000,
  /** A sample of more than 8 bits costs this many times one of 8. */
  deepSample: 1.5,
  /** Samples of a TIFF, extra channels included: 50 million pixels of five channels. */
  tiffSamples: 250_000_000,
} as const;

/** @param why what the file has too much of, as the end of "The image takes too much work to read: ". */
export function tooCostly(why: string): ImageError {
  const advice = 'save it again as a plain JPEG or PNG';
  return new ImageError('too_costly', `The image takes too much work to read: ${why}. Instead, ${advice}.`);
}
