// AssemblyScript: a scan's bytes and bits, and what it says of its components.
import { block } from './transform';

/** A component's twelve i32; `index.ts` says what they are. */
export const COMPONENT_BYTES: i32 = 48;

// The bits under way: `bits` begins with those not yet used, `bitCount` of them and perhaps more; the next byte is at `bitsAt`.
export let bits: u64 = 0;
export let bitCount: i32 = 0;
export let bitsAt: usize = 0;
let bitsEnd: usize = 0;

// The scan under way. Its bytes come in pieces: those not yet taken stand from `sourceAt` to `sourceEnd`.
export let components: usize = 0;
export let componentCount: i32 = 0;
export let unitsAcross: i32 = 0;
export let interval: i32 = 0;
export let unitsToRestart: i32 = 0;
let restarts: i32 = 0;
let sourceAt: usize = 0;
let sourceEnd: usize = 0;
let isSourceWhole: bool = false;
// Its bits stand in a window, from where `bitsAt` is to `bitsEnd`; the segment they belong to may go on behind it.
let windowAt: usize = 0;
let windowEnd: usize = 0;
let isSegmentWhole: bool = false;
/** More than the bytes of bits that a row of units can take. */
let rowBytes: usize = 0;

/** More than the bytes that a broken code can read past a segment's end before that is noticed. */
const SEGMENT_SLACK: usize = 4096;
/** More than the bits of 64 codes and their numbers, in bytes. */
const BLOCK_BYTES: i32 = 209;

/** The most bytes of bits in a row of so many blocks, and what is read ahead. */
export function rowBytesOf(blocks: i32): i32 {
  return blocks * BLOCK_BYTES + 64;
}

/**
 * Begins a scan.
 * @param window room for its bits: twice `rowBytesOf` a row of units, and 4,096 bytes.
 * @param across units (T.81, A.2: MCU) in a row. @param blocks of a row of them.
 * @param restartInterval units between restart markers, 0 for none.
 */
export function startScan(
  componentsAt: usize,
  count: i32,
  across: i32,
  blocks: i32,
  restartInterval: i32,
  window: usize,
): void {
  components = componentsAt;
  componentCount = count;
  unitsAcross = across;
  interval = restartInterval;
  restarts = 0;
  rowBytes = rowBytesOf(blocks);
  windowAt = window;
  windowEnd = window + 2 * rowBytes;
  memory.fill(block, 0, 128);
}

/**
 * Says where the scan's bytes stand that `sourceLeft` does not count as taken. A row takes at most twice `rowBytesOf` and four bytes a unit.
 * @param isWhole whether they reach to the file's end.
 */
export function giveSource(at: usize, end: usize, isWhole: bool): void {
  sourceAt = at;
  sourceEnd = end;
  isSourceWhole = isWhole;
}

/** Bytes given and not yet taken. */
export function sourceLeft(): usize {
  return sourceEnd - sourceAt;
}

/** Begins a segment: its bits, and predictions of zero. */
export function startSegment(): void {
  bits = 0;
  bitCount = 0;
  bitsAt = windowAt;
  bitsEnd = windowAt;
  isSegmentWhole = false;
  unitsToRestart = interval;
  unstuff();
  for (let index = 0; index < componentCount; index++)
    store<i32>(components + index * COMPONENT_BYTES, 0, 28);
}

/** Moves the bits that are left to the window's begin and fills what becomes free. */
function refill(): void {
  if (bitsAt > bitsEnd) return;
  const left = bitsEnd - bitsAt;
  memory.copy(windowAt, bitsAt, left);
  bitsAt = windowAt;
  bitsEnd = windowAt + left;
  unstuff();
}

/**
 * Copies entropy-coded bytes into the window up to a marker, without the zero bytes stuffed in after 0xFF (T.81, B.1.1.5), until it is full
 * or no more are given.
 */
function unstuff(): void {
  const marks = i8x16.splat(-1);
  const end = sourceEnd;
  let from = sourceAt;
  let to = bitsEnd;
  while (from < end && to < windowEnd) {
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const found = i8x16.bitmask(i8x16.eq(bytes, marks));
    const plain = min<usize>(found === 0 ? 16 : ctz(found), end - from);
    from += plain;
    to += plain;
    if (plain === 16 || from === end) continue;
    // The byte behind it tells, and has perhaps not been given yet.
    if (from + 1 === end) {
      isSegmentWhole = isSourceWhole;
      break;
    }
    if (load<u8>(from, 1) !== 0) {
      isSegmentWhole = true;
      break;
    }
    store<u8>(to, 0xff);
    from += 2;
    to++;
  }
  if (isSourceWhole && from === end) isSegmentWhole = true;
  sourceAt = from;
  bitsEnd = to;
  if (isSegmentWhole) memory.fill(to, 0, SEGMENT_SLACK);
}

/** Whether the segment's bits are used up but for the padding of its last byte. */
function isUsedUp(): bool {
  const unused = <i32>(bitsEnd - bitsAt) * 8 + bitCount;
  return isSegmentWhole && unused >= 0 && unused < 8;
}

/** Begins a unit. @returns false where a restart marker is due before it (T.81, B.2.1: RST0 to RST7 in turn) and not there. */
export function startUnit(): bool {
  if (interval === 0 || unitsToRestart-- > 0) return true;
  if (!isSegmentWhole) refill();
  if (!isUsedUp() || sourceAt + 2 > sourceEnd || load<u8>(sourceAt, 1) !== 0xd0 + (restarts++ & 7))
    return false;
  sourceAt += 2;
  startSegment();
  unitsToRestart--;
  return true;
}

/** Begins a row of units: its bits are in the window. */
export function startRow(): void {
  if (!isSegmentWhole && bitsEnd - bitsAt < rowBytes) refill();
}

/** Whether the bits read so far were there. */
export function hasBits(): bool {
  return bitsAt <= bitsEnd + 8;
}

/** Notes what is left of the bits. */
export function keepBits(ahead: u64, count: i32, at: usize): void {
  bits = ahead;
  bitCount = count;
  bitsAt = at;
}

/** @returns the second byte of the marker that ends the scan; 0 where the data is not as it should be. */
export function endScan(): i32 {
  if (!isSegmentWhole) refill();
  return isUsedUp() && sourceAt + 2 <= sourceEnd ? load<u8>(sourceAt, 1) : 0;
}
