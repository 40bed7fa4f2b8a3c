import { costLimits, tooCostly } from './cost.ts';
import { frameOf, isStartOfFrame, type JpegFrame, markers } from './jpeg-header.ts';

interface Component {
  readonly id: number;
  /** The share of the picture's pixels that it has samples for. */
  readonly share: number;
}

interface Frame extends JpegFrame {
  readonly marker: number;
  readonly parts: readonly Component[];
}

/** @throws {ImageError} `too_costly` where the scans of a JPEG visit more samples than may be. */
export function requireAffordableScans(bytes: Uint8Array): void {
  if (countScanSamples(bytes) > costLimits.jpegSamples)
    throw tooCostly('this JPEG has too many scans for its size');
}

/**
 * Counts the samples that a JPEG's scans visit, until they are too many. Progressive coding and separate scans let a few bytes ask for
 * another pass over the whole picture (ITU-T T.81, G.1.2). A sequential JPEG whose first scan has all components is done after it: it
 * counts as 0 and costs no search here.
 */
export function countScanSamples(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Frame | undefined;
  let samples = 0;
  for (const { marker, data } of allSegments(view)) {
    if (isStartOfFrame(marker)) frame ??= readFrame(marker, data);
    if (marker !== markers.startOfScan || frame === undefined) continue;
    const scanned = componentsOf(data, frame);
    if (samples === 0 && isSequential(frame) && scanned.length === frame.parts.length) return 0;
    const share = scanned.reduce((sum, component) => sum + component.share, 0);
    const visits = frame.width * frame.height * share;
    samples += costLimits.jpegScan + visits * (isArithmetic(frame) ? costLimits.jpegArithmetic : 1);
    if (samples > costLimits.jpegSamples) break;
  }
  return samples;
}

const isSequential = ({ marker }: Frame) => marker === 0xc0 || marker === 0xc1 || marker === 0xc9;
const isArithmetic = ({ marker }: Frame) => marker >= 0xc9;

/** Every marker segment up to the end of image, as libjpeg finds them: whatever lies between segments is passed over. */
function* allSegments(view: DataView): Generator<{ marker: number; data: DataView }> {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 4 <= bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1] ?? 0;
    const isAlone = marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= markers.startOfImage);
    if (marker === 0xff) at++;
    else if (isAlone) at += 2;
    else if (marker === markers.endOfImage) return;
    else {
      const end = Math.min(at + 2 + Math.max(view.getUint16(at + 2), 2), bytes.length);
      yield { marker, data: new DataView(view.buffer, view.byteOffset + at + 4, end - at - 4) };
      at = end;
    }
  }
}

function readFrame(marker: number, data: DataView): Frame | undefined {
  if (data.byteLength < 6) return undefined;
  const frame = frameOf(data);
  const factors = Array.from(
    { length: Math.min(frame.components, (data.byteLength - 6) / 3) },
    (_, index) => {
      const sampling = data.getUint8(7 + 3 * index);
      return { id: data.getUint8(6 + 3 * index), across: sampling >> 4, down: sampling & 15 };
    },
  );
  const across = Math.max(1, ...factors.map((component) => component.across));
  const down = Math.max(1, ...factors.map((component) => component.down));
  const parts = factors.map((component) => ({
    id: component.id,
    share: (component.across * component.down) / (across * down),
  }));
  return { ...frame, marker, parts };
}

function componentsOf(scan: DataView, { parts }: Frame): Component[] {
  const count = scan.byteLength > 0 ? Math.min(scan.getUint8(0), (scan.byteLength - 1) / 2) : 0;
  const ids = new Set(Array.from({ length: count }, (_, index) => scan.getUint8(1 + 2 * index)));
  return parts.filter(({ id }) => ids.has(id));
}
