// AssemblyScript: sequential Huffman coding (ITU-T T.81, annex F).
import { AC, DC, END_OF_BLOCK, extend, findCode, loadBigEndian } from './codes';
import {
  bitCount,
  bits,
  bitsAt,
  COMPONENT_BYTES,
  componentCount,
  components,
  hasBits,
  keepBits,
  startRow,
  startUnit,
  unitsAcross,
} from './scan';
import { block, naturalOrder, writeBlock, writeFlatBlock } from './transform';

/** Where a block ends that has a DC coefficient alone. */
const DC_ALONE: i32 = 1 + END_OF_BLOCK + 1;

/** Stores the number behind a code as the block's coefficient `k`. */
function storeNumber(k: i32, ahead: u64, entry: u32): void {
  const number = extend(ahead << ((entry >> 8) & 255), (entry >> 16) & 255);
  store<i16>(block + ((<usize>load<u8>(naturalOrder + k)) << 1), number);
}

/**
 * Reads a block's coefficients (T.81, F.2.2). The difference of its DC coefficient is the first of them.
 * @returns 64 or more than END_OF_BLOCK where the block ended well.
 */
function readBlock(dcCodes: usize, acCodes: usize): i32 {
  let ahead = bits;
  let count = bitCount;
  let at = bitsAt;
  ahead |= loadBigEndian(at) >> count;
  at += (63 - count) >> 3;
  count |= 56;
  let entry = findCode(dcCodes, ahead, DC);
  if (entry === 0) return 0;
  storeNumber(0, ahead, entry);
  ahead <<= entry & 255;
  count -= entry & 255;
  let k: i32 = 1;
  do {
    // At least 56 bits: two codes and their numbers have 52 at the most.
    ahead |= loadBigEndian(at) >> count;
    at += (63 - count) >> 3;
    count |= 56;
    for (let codes = 0; codes < 2 && k < 64; codes++) {
      entry = findCode(acCodes, ahead, AC);
      if (entry === 0) return 0;
      k += entry >> 24;
      storeNumber(k, ahead, entry);
      ahead <<= entry & 255;
      count -= entry & 255;
      k++;
    }
  } while (k < 64);
  keepBits(ahead, count, at);
  return k;
}

/** Decodes the next row of units into the components' planes, from their begin. @returns whether the data is as it should be. */
export function decodeRow(): bool {
  startRow();
  for (let x = 0; x < unitsAcross; x++) {
    if (!startUnit()) return false;
    for (let index = 0; index < componentCount; index++) {
      if (!decodeUnit(components + index * COMPONENT_BYTES, x)) return false;
    }
    if (!hasBits()) return false;
  }
  return true;
}

/** Decodes a component's blocks of one unit. */
function decodeUnit(component: usize, x: i32): bool {
  const across = load<i32>(component, 0);
  const down = load<i32>(component, 4);
  const quantisation = <usize>load<u32>(component, 8);
  const dcCodes = <usize>load<u32>(component, 12);
  const acCodes = <usize>load<u32>(component, 16);
  const plane = <usize>load<u32>(component, 20);
  const stride = <usize>load<u32>(component, 24);
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      const ended = readBlock(dcCodes, acCodes);
      if (ended < 64 || (ended > 64 && ended <= <i32>END_OF_BLOCK)) return false;
      const dc = load<i32>(component, 28) + load<i16>(block);
      store<i32>(component, dc, 28);
      store<i16>(block, dc);
      const target = plane + (<usize>j * stride + <usize>(x * across + i)) * 8;
      if (ended === DC_ALONE) writeFlatBlock(quantisation, target, stride);
      else writeBlock(quantisation, target, stride);
    }
  }
  return true;
}
