import { requireAffordableScans } from '../run/jpeg-cost.ts';
import { markers } from '../run/jpeg-header.ts';
import { compileKernel } from '../run/kernel.ts';
import type { RowSink, StoredPicture } from '../run/rows.ts';
import type { ImageLimits, Size } from '../run/size.ts';
import { composeFrame, type Frame, readScan } from './frame.ts';
import { JpegHeaders, type ScanHeader } from './headers.ts';
import { type JpegKernel, jpegKernelSchema } from './kernel.ts';
import { coefficientBytes, decodeProgressive } from './progressive.ts';
import { Workspace } from './workspace.ts';

/**
 * Decodes a JPEG of the usual kind to RGB, which `sink` takes row by row. `undefined` where it is of another kind, too large, or not as it
 * should be: libvips then decodes it or says what is wrong. The sink has then perhaps taken some rows.
 * Throws the `ImageError` `too_costly` where a progressive one has too many scans.
 */
export type DecodeJpeg = (bytes: Uint8Array, sink: RowSink) => StoredPicture | undefined;

/** Coefficients of a progressive picture up to this size share the memory of all pictures; it never shrinks. */
const SHARED_BYTES = 16 * 2 ** 20;

/**
 * Loads the JPEG kernel. Its samples are equal to libvips' and Pillow's to the bit. It works on one row of coded units at a time, so that
 * its memory, which never shrinks, stays below 32 MB. A progressive picture of more than some five million pixels needs 3 to 6 bytes a pixel:
 * it gets memory of its own, which is collected after it.
 * @param path of `jpeg.wasm`.
 */
export async function loadJpegDecoder(path: string, limits: ImageLimits): Promise<DecodeJpeg> {
  const newKernel = await compileKernel(path, jpegKernelSchema);
  const shared = newKernel();
  const newLargeKernel = keepWeakly(newKernel);
  return (bytes, sink) => {
    if (bytes.byteLength > limits.bytes) return undefined;
    try {
      const headers = new JpegHeaders(bytes);
      const scan = headers.readToScan();
      const frame = composeFrame(headers);
      if (scan === undefined || frame === undefined || !isWithinLimits(frame, limits)) return undefined;
      if (headers.isProgressive) requireAffordableScans(bytes);
      const isLarge = headers.isProgressive && coefficientBytes(frame) > SHARED_BYTES;
      const kernel = isLarge ? newLargeKernel() : shared;
      return decodeFrame({ kernel, headers, frame, bytes, sink }, scan) ? frame : undefined;
    } catch (error) {
      // A segment does not hold what it must.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  };
}

/** The last one made, as long as it has not been collected: two large memories at once would be one too many. */
function keepWeakly<T extends object>(make: () => T): () => T {
  let last: WeakRef<T> | undefined;
  return () => {
    const value = last?.deref() ?? make();
    last = new WeakRef(value);
    return value;
  };
}

function isWithinLimits({ width, height }: Size, { pixels, side }: ImageLimits): boolean {
  return width * height <= pixels && Math.max(width, height) <= side;
}

interface Job {
  readonly kernel: JpegKernel;
  readonly headers: JpegHeaders;
  readonly frame: Frame;
  readonly bytes: Uint8Array;
  readonly sink: RowSink;
}

/** @returns whether the whole file is as it should be. */
function decodeFrame({ kernel, headers, frame, bytes, sink }: Job, first: ScanHeader): boolean {
  const workspace = new Workspace(kernel, frame, bytes, headers.isProgressive);
  return headers.isProgressive
    ? decodeProgressive({ kernel, headers, frame, workspace }, first, sink)
    : decodeSequential({ kernel, headers, frame, workspace }, first, sink);
}

/** Decodes a picture of one scan. */
function decodeSequential(
  { kernel, headers, frame, workspace }: Omit<Job, 'bytes' | 'sink'> & { readonly workspace: Workspace },
  { data, start }: ScanHeader,
  sink: RowSink,
): boolean {
  const scan = readScan(frame, data);
  const isWhole =
    scan?.components.length === frame.components.length &&
    // The whole spectrum at full precision.
    scan.from === 0 &&
    scan.to === 63 &&
    scan.high === 0 &&
    scan.low === 0;
  if (!isWhole || !workspace.takeCodes(headers)) return false;
  if (!workspace.startScan(scan, headers.restartInterval, start)) return false;
  sink.start(frame);
  for (let row = 0; row < frame.units.down; row++) {
    workspace.source.fill();
    if (kernel.decodeRow() === 0) return false;
    workspace.writeRow(row, sink);
  }
  workspace.source.fill();
  return kernel.endScan() === markers.endOfImage;
}
