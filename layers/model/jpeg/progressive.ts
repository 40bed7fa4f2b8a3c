import { markers } from '../run/jpeg-header.ts';
import type { RowSink } from '../run/rows.ts';
import { type Frame, readScan, type Scan } from './frame.ts';
import type { JpegHeaders, ScanHeader } from './headers.ts';
import { BLOCK_BYTES, type JpegKernel } from './kernel.ts';
import type { Workspace } from './workspace.ts';

/** Bytes of a progressive picture's coefficients. */
export function coefficientBytes({ units }: Frame): number {
  return units.blocks * units.down * BLOCK_BYTES;
}

/** Decodes a progressive JPEG (T.81, annex G). @returns whether the whole file is as it should be, and its picture complete. */
export function decodeProgressive(
  {
    kernel,
    headers,
    frame,
    workspace,
  }: { kernel: JpegKernel; headers: JpegHeaders; frame: Frame; workspace: Workspace },
  first: ScanHeader,
  sink: RowSink,
): boolean {
  const progress = new Progress(frame);
  let header: ScanHeader | undefined = first;
  for (let marker = 0; marker !== markers.endOfImage; ) {
    const scan: Scan | undefined = header && readScan(frame, header.data);
    if (header === undefined || scan === undefined || !progress.take(scan)) return false;
    if (!workspace.takeCodes(headers) || !workspace.startScan(scan, headers.restartInterval, header.start))
      return false;
    const lone = scan.components.length === 1 ? frame.components[scan.components[0]?.index ?? 0] : undefined;
    const rows = lone?.blocksDown ?? frame.units.down;
    for (let row = 0; row < rows; row++) {
      workspace.source.fill();
      if (kernel.decodeProgressiveRow(row, scan.from, scan.to, scan.high, scan.low) === 0) return false;
    }
    workspace.source.fill();
    marker = kernel.endScan();
    if (marker === 0) return false;
    if (marker !== markers.endOfImage) header = headers.readToScan(workspace.source.position);
  }
  if (!progress.isComplete) return false;
  sink.start(frame);
  for (let row = 0; row < frame.units.down; row++) {
    workspace.transform(row);
    workspace.writeRow(row, sink);
  }
  return true;
}

/** Which bits of which coefficients have come. libjpeg guesses those that never do: such a picture is left to it. */
class Progress {
  /** For each component and coefficient the low bits that are to come; −1 before the first scan. */
  readonly #low: readonly Int8Array[];

  constructor({ components }: Frame) {
    this.#low = components.map(() => new Int8Array(64).fill(-1));
  }

  /** Notes a scan. @returns whether it follows those before. */
  take({ components, from, to, high, low }: Scan): boolean {
    const isDc = from === 0 && to === 0;
    const isAc = from > 0 && from <= to && to < 64 && components.length === 1;
    const isFirst = high === 0;
    if (!(isDc || isAc) || low > 13 || !(isFirst || high === low + 1)) return false;
    return components.every(({ index }) => {
      const bits = this.#low[index];
      if (bits === undefined) return false;
      const isNext = bits.subarray(from, to + 1).every((known) => known === (isFirst ? -1 : high));
      const hasDc = isDc || bits[0] !== -1;
      bits.fill(low, from, to + 1);
      return isNext && hasDc;
    });
  }

  get isComplete(): boolean {
    return this.#low.every((bits) => bits.every((low) => low === 0));
  }
}
