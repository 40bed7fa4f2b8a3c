// AssemblyScript: progressive Huffman coding (ITU-T T.81, annex G). Each scan brings some bits of some coefficients of all blocks.

import { AC_OF_PROGRESSIVE, DC, extend, findCode, loadBigEndian } from './codes';
import {
  bitCount,
  bits,
  bitsAt,
  COMPONENT_BYTES,
  componentCount,
  components,
  hasBits,
  interval,
  keepBits,
  startRow,
  startUnit,
  unitsAcross,
  unitsToRestart,
} from './scan';
import { block, naturalOrder, writeBlock, writeFlatBlock } from './transform';

/** Bytes of a block's coefficients. */
const BLOCK_BYTES: usize = 64 * 2;

/** Blocks to come in which the scan has nothing new. */
let endOfBandRun: i32 = 0;

/**
 * Decodes row `y` of units into the components' coefficients; a component alone has units of one block.
 * @param from first and @param to last coefficient of the scan. @param high bits known before, and @param low bits yet to come.
 * @returns whether the data is as it should be.
 */
export function decodeProgressiveRow(y: i32, from: i32, to: i32, high: i32, low: i32): bool {
  if (y === 0) endOfBandRun = 0;
  startRow();
  for (let x = 0; x < unitsAcross; x++) {
    if (endOfBandRun !== 0 && interval > 0 && unitsToRestart === 0) return false;
    if (!startUnit()) return false;
    if (componentCount === 1) {
      const isRead =
        from === 0
          ? readDc(components, dcOf(components, y, x), high, low)
          : readAc(acOf(components, y, x), from, to, high, low);
      if (!isRead) return false;
    } else {
      for (let index = 0; index < componentCount; index++) {
        if (!readDcsOfUnit(components + index * COMPONENT_BYTES, x, y, high, low)) return false;
      }
    }
    if (!hasBits()) return false;
  }
  return true;
}

/** Where a block's AC coefficients are: 64 i16 in zigzag order, the first of them unused. */
function acOf(component: usize, row: i32, column: i32): usize {
  return <usize>load<u32>(component, 32) + <usize>(row * load<i32>(component, 40) + column) * BLOCK_BYTES;
}

/** Where a block's DC coefficient is. They stand together, so that scans of them stay in the cache. */
function dcOf(component: usize, row: i32, column: i32): usize {
  return <usize>load<u32>(component, 36) + <usize>(row * load<i32>(component, 40) + column) * 2;
}

function readDcsOfUnit(component: usize, x: i32, y: i32, high: i32, low: i32): bool {
  const across = load<i32>(component, 0);
  const down = load<i32>(component, 4);
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      if (!readDc(component, dcOf(component, y * down + j, x * across + i), high, low)) return false;
    }
  }
  return true;
}

/** A DC coefficient's first bits, as the difference to the block before, or its next one (G.1.2.1). */
function readDc(component: usize, place: usize, high: i32, low: i32): bool {
  let ahead = bits | (loadBigEndian(bitsAt) >> bitCount);
  const at = bitsAt + ((63 - bitCount) >> 3);
  let count = bitCount | 56;
  if (high === 0) {
    const entry = findCode(<usize>load<u32>(component, 12), ahead, DC);
    if (entry === 0) return false;
    const dc = load<i32>(component, 28) + extend(ahead << ((entry >> 8) & 255), (entry >> 16) & 255);
    store<i32>(component, dc, 28);
    store<i16>(place, dc << low);
    ahead <<= entry & 255;
    count -= entry & 255;
  } else {
    store<i16>(place, load<i16>(place) | ((<i32>(ahead >> 63)) << low));
    ahead <<= 1;
    count--;
  }
  keepBits(ahead, count, at);
  return true;
}

function readAc(coefficients: usize, from: i32, to: i32, high: i32, low: i32): bool {
  const codes = <usize>load<u32>(components, 16);
  return high === 0
    ? readFirstAc(codes, coefficients, from, to, low)
    : readNextAc(codes, coefficients, from, to, low);
}

/** The first bits of a block's AC coefficients (G.1.2.2). */
function readFirstAc(codes: usize, coefficients: usize, from: i32, to: i32, low: i32): bool {
  if (endOfBandRun > 0) {
    endOfBandRun--;
    return true;
  }
  let ahead = bits;
  let count = bitCount;
  let at = bitsAt;
  for (let k = from; k <= to; k++) {
    ahead |= loadBigEndian(at) >> count;
    at += (63 - count) >> 3;
    count |= 56;
    const entry = findCode(codes, ahead, AC_OF_PROGRESSIVE);
    if (entry === 0) return false;
    const size = (entry >> 16) & 255;
    const length = (entry >> 8) & 255;
    const run = entry >> 24;
    ahead <<= length;
    if (size === 0 && run < 15) {
      endOfBandRun = (1 << run) + <i32>((ahead >> 1) >> (63 - run)) - 1;
      ahead <<= run;
      count -= length + run;
      break;
    }
    k += run;
    if (size !== 0) {
      if (k > to) return false;
      store<i16>(coefficients + ((<usize>k) << 1), extend(ahead, size) << low);
      ahead <<= size;
    }
    count -= length + size;
  }
  keepBits(ahead, count, at);
  return true;
}

/** A bit for each coefficient of a block that is not zero, the lowest for the first. */
function maskOf(coefficients: usize): u64 {
  return (
    maskOfHalf(coefficients) |
    (maskOfHalf(coefficients + 32) << 16) |
    (maskOfHalf(coefficients + 64) << 32) |
    (maskOfHalf(coefficients + 96) << 48)
  );
}

function maskOfHalf(coefficients: usize): u64 {
  const zero = i16x8.splat(0);
  const low = i16x8.ne(v128.load(coefficients), zero);
  const high = i16x8.ne(v128.load(coefficients, 16), zero);
  return <u64>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
}

/** The next bit of a block's AC coefficients that are not zero, and those that begin with it (G.1.2.3). */
function readNextAc(codes: usize, coefficients: usize, from: i32, to: i32, low: i32): bool {
  const nonZero = maskOf(coefficients);
  // The scan's coefficients that have not been passed yet.
  let rest: u64 = (~(<u64>0) << from) & (~(<u64>0) >> (63 - to));
  if (endOfBandRun > 0 && (nonZero & rest) === 0) {
    endOfBandRun--;
    return true;
  }
  let ahead = bits;
  let count = bitCount;
  let at = bitsAt;
  while (rest !== 0) {
    ahead |= loadBigEndian(at) >> count;
    at += (63 - count) >> 3;
    count |= 56;
    // From the next one that begins on; all that are not zero before it have a bit.
    let zeros: u64 = 0;
    let value: i32 = 0;
    if (endOfBandRun === 0) {
      const entry = findCode(codes, ahead, AC_OF_PROGRESSIVE);
      if (entry === 0) return false;
      const size = (entry >> 16) & 255;
      const length = (entry >> 8) & 255;
      const run = entry >> 24;
      if (size > 1) return false;
      ahead <<= length;
      count -= length;
      if (size === 0 && run < 15) {
        endOfBandRun = (1 << run) + <i32>((ahead >> 1) >> (63 - run));
        ahead <<= run;
        count -= run;
      } else {
        zeros = rest & ~nonZero;
        for (let i = run; i > 0; i--) zeros &= zeros - 1;
        if (size === 1) {
          if (zeros === 0) return false;
          value = ahead >> 63 !== 0 ? 1 << low : -1 << low;
          ahead <<= 1;
          count--;
        }
      }
    }
    const next = zeros & (0 - zeros);
    for (let known = rest & nonZero & (next - 1); known !== 0; known &= known - 1) {
      if (count === 0) {
        ahead = loadBigEndian(at);
        at += 7;
        count = 56;
      }
      const place = coefficients + <usize>(ctz(known) << 1);
      const number: i32 = load<i16>(place);
      const sign = number >> 31;
      store<i16>(place, number + ((((1 << low) ^ sign) - sign) & -(<i32>(ahead >> 63))));
      ahead <<= 1;
      count--;
    }
    if (value !== 0) store<i16>(coefficients + <usize>(ctz(next) << 1), value);
    // Nothing is left behind where none begins.
    rest &= next === 0 ? 0 : 0 - (next << 1);
  }
  if (endOfBandRun > 0) endOfBandRun--;
  keepBits(ahead, count, at);
  return true;
}

/** Transforms row `y` of units of `count` components from their coefficients into their planes. */
export function transformRow(componentsAt: usize, count: i32, y: i32): void {
  for (let index = 0; index < count; index++) {
    const component = componentsAt + index * COMPONENT_BYTES;
    const down = load<i32>(component, 4);
    const quantisation = <usize>load<u32>(component, 8);
    const plane = <usize>load<u32>(component, 20);
    const stride = <usize>load<u32>(component, 24);
    const across = load<i32>(component, 40);
    for (let j = 0; j < down; j++) {
      let coefficients = acOf(component, y * down + j, 0);
      let dc = dcOf(component, y * down + j, 0);
      let target = plane + <usize>j * stride * 8;
      for (let x = 0; x < across; x++) {
        store<i16>(block, load<i16>(dc));
        let mask = maskOf(coefficients);
        if (mask === 0) writeFlatBlock(quantisation, target, stride);
        else {
          for (; mask !== 0; mask &= mask - 1) {
            const k = <usize>ctz(mask);
            store<i16>(
              block + ((<usize>load<u8>(naturalOrder + k)) << 1),
              load<i16>(coefficients + (k << 1)),
            );
          }
          writeBlock(quantisation, target, stride);
        }
        coefficients += BLOCK_BYTES;
        dc += 2;
        target += 8;
      }
    }
  }
}
