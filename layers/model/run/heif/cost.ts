import { costLimits, tooCostly } from '../cost.ts';
import { ImageError } from '../errors.ts';
import { type CodedFrames, readAv1 } from './av1.ts';
import { readBoxes } from './boxes.ts';
import { readHevc } from './hevc.ts';
import { type HeifItem, type HeifItems, readItems } from './items.ts';

/**
 * Bounds what decoding an AVIF or HEIC may cost: the frames of the primary picture or of its tiles, and of the transparency that
 * belongs to it, each by the size that its stream says and not by that which the file claims.
 * @throws {ImageError} `too_costly`, or `unsupported_variant` where there is no picture but only a film.
 * @throws {RangeError} where the file is damaged.
 */
export function requireAffordableHeif(bytes: Uint8Array): void {
  const all = readItems(bytes);
  const primary = all.items.get(all.primary);
  if (primary === undefined)
    throw isFilm(bytes) ? filmOnly() : new RangeError('The file has no primary picture');
  const layers = [...all.items.values()].filter(({ belongsTo }) => belongsTo.includes(primary.id));
  const parts = [primary, ...layers].map((item) => costOf(item, all, 0));
  const sum = (pick: (part: Cost) => number) => parts.reduce((total, part) => total + pick(part), 0);
  const [av1, hevc] = [sum((part) => part.av1), sum((part) => part.hevc)];
  if (av1 <= costLimits.av1Samples && hevc <= costLimits.hevcSamples) return;
  throw tooCostly(
    `it has ${Math.round((av1 + hevc) / 1e6)} million samples in ${sum((part) => part.frames)} frames`,
  );
}

function isFilm(bytes: Uint8Array): boolean {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [...readBoxes(file)].some(({ type }) => type === 'moov');
}

function filmOnly(): ImageError {
  const stored = 'an animation without a still picture';
  return new ImageError(
    'unsupported_variant',
    `This file stores ${stored}: save its first frame as PNG or JPEG.`,
  );
}

interface Cost {
  readonly av1: number;
  readonly hevc: number;
  readonly frames: number;
}

const nothing: Cost = { av1: 0, hevc: 0, frames: 0 };
/** A picture made of pictures made of pictures is nobody's. */
const mostLevels = 4;

function costOf(item: HeifItem, all: HeifItems, level: number): Cost {
  const own = codedCost(item);
  const tiles = level < mostLevels ? item.tiles : [];
  // A tile that comes a thousand times is read once and counted a thousand times.
  const known = new Map<number, Cost>();
  const costs = tiles.map((id) => {
    const tile = all.items.get(id);
    const cost = known.get(id) ?? (tile === undefined ? nothing : costOf(tile, all, level + 1));
    known.set(id, cost);
    return cost;
  });
  return costs.reduce(
    (sum, cost) => ({
      av1: sum.av1 + cost.av1,
      hevc: sum.hevc + cost.hevc,
      frames: sum.frames + cost.frames,
    }),
    own,
  );
}

function codedCost(item: HeifItem): Cost {
  const property = (name: string) => item.properties.find(({ type }) => type === name)?.data;
  const stream = joined(item.pieces);
  const [av1, hevc] = [property('av1C'), property('hvcC')];
  if (item.type === 'av01' && av1 !== undefined) {
    const start = new Uint8Array(av1.buffer, av1.byteOffset + 4, av1.byteLength - 4);
    const flags = av1.getUint8(2);
    const chroma = flags & 0x10 ? 0 : (flags & 8 ? 1 : 2) / (flags & 4 ? 2 : 1);
    const samples = (1 + chroma) * (flags & 0x40 ? costLimits.deepSample : 1);
    return { ...nothing, ...counted('av1', readAv1(Buffer.concat([start, stream])), samples) };
  }
  if (item.type === 'hvc1' && hevc !== undefined) {
    const data = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
    // chroma_format_idc: none, half size, half width, full size.
    const chroma = [0, 0.5, 1, 2][hevc.getUint8(16) & 3] ?? 2;
    const samples = (1 + chroma) * ((hevc.getUint8(17) & 7) > 0 ? costLimits.deepSample : 1);
    return { ...nothing, ...counted('hevc', readHevc(hevc, data), samples) };
  }
  return nothing;
}

function counted(codec: 'av1' | 'hevc', { pixels, frames }: CodedFrames, samples: number): Partial<Cost> {
  return { [codec]: pixels * Math.max(1, frames) * samples, frames };
}

function joined(pieces: readonly DataView[]): Buffer {
  return Buffer.concat(
    pieces.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
}
