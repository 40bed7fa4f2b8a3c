/**
 * AssemblyScript (https://www.assemblyscript.org), not TypeScript: decodes one scan of a sequential Huffman-coded JPEG (ITU-T T.81) to
 * RGB, a row of coded units at a time, with WebAssembly SIMD. Its samples are those of libjpeg-turbo with its default settings to the bit: the accurate
 * integer inverse DCT (Loeffler, Ligtenberg, Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications", 1989), chroma
 * enlarged by a triangle filter, and JFIF's colour conversion with 16 fractional bits.
 *
 * It reads no headers: the caller reads them, refuses what is not described here, and lays out memory from `memoryBase` on. What is
 * wrong in the data ends the work with 0, so that a more patient decoder can have a look; nothing outside memory is ever touched.
 *
 * Addresses are in bytes. A component is 32 bytes, eight i32: horizontal and vertical sampling factor, address of its quantisation
 * table (64 i16, rows of 8), of its DC and AC code tables, of its plane, bytes from row to row, and a place for the prediction. A plane holds
 * a row of units, and one row of samples before its begin. Rows may be read and written up to 48 bytes past their end.
 */

/** From here on memory is the caller's. */
export const memoryBase: usize = __heap_base;

/** Codes of up to this length are found in one look-up. */
const LOOKUP_BITS: u32 = 10;
const LOOKUPS: u32 = 1 << LOOKUP_BITS;

// A code table: LOOKUPS entries; for each length of a code the first 16-bit word past its codes and what leads from a code to
// its symbol's place; the symbols.
const LIMITS: usize = LOOKUPS * 4;
const OFFSETS: usize = LIMITS + 17 * 4;
const SYMBOLS: usize = OFFSETS + 17 * 4;
export const codeTableBytes: usize = SYMBOLS + 256;

/** An end of block skips past its end, by more than any run does. */
const END_OF_BLOCK: u32 = 100;
/** Where a block ends that has a DC coefficient alone. */
const DC_ALONE: i32 = 1 + END_OF_BLOCK + 1;

/** From zigzag order to rows of 8 (T.81, figure A.6); whatever lies past the block goes to a place behind it. */
const naturalOrder = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64,
]);

/** The block under way: 64 i16, and the place behind it. It is zero before each block. */
const block = memory.data(64 * 2 + 16, 16);
const workspace = memory.data(64 * 2, 16);

// The bits under way: `bits` begins with those not yet used, `bitCount` of them and perhaps more; the next byte is at `bitsAt`.
let bits: u64 = 0;
let bitCount: i32 = 0;
let bitsAt: usize = 0;
let bitsEnd: usize = 0;

/**
 * Makes a code table of a DHT segment's 16 counts and symbols (T.81, B.2.4.2 and annex C).
 * @returns whether the codes are valid, and none stands for a number that 8-bit samples do not have.
 */
export function prepareCodes(segment: usize, table: usize, isDc: bool): bool {
  memory.fill(table, 0, LIMITS);
  let code: u32 = 0;
  let place: u32 = 0;
  for (let length: u32 = 1; length <= 16; length++) {
    const codes = <u32>load<u8>(segment + length - 1);
    store<i32>(table + OFFSETS + length * 4, place - code);
    for (let i: u32 = 0; i < codes; i++) {
      const symbol = <u32>load<u8>(segment + 16 + place);
      if (code >> length !== 0 || (isDc ? symbol > 11 : (symbol & 15) > 10)) return false;
      store<u8>(table + SYMBOLS + place, <u8>symbol);
      if (length <= LOOKUP_BITS) {
        const first = code << (LOOKUP_BITS - length);
        const end = (code + 1) << (LOOKUP_BITS - length);
        for (let entry = first; entry < end; entry++)
          store<u32>(table + entry * 4, entryOf(symbol, length, isDc));
      }
      code++;
      place++;
    }
    store<u32>(table + LIMITS + length * 4, code << (16 - length));
    code <<= 1;
  }
  return true;
}

/** Makes a quantisation table of a DQT segment's 64 bytes (T.81, B.2.4.1): i16, in rows of 8. */
export function prepareQuantisation(segment: usize, table: usize): void {
  for (let k: usize = 0; k < 64; k++)
    store<i16>(table + ((<usize>load<u8>(naturalOrder + k)) << 1), load<u8>(segment + k));
}

/** Four bytes: bits of code and number together, bits of the code, bits of the number, coefficients to skip before it. */
function entryOf(symbol: u32, length: u32, isDc: bool): u32 {
  const size = isDc ? symbol : symbol & 15;
  const run = isDc ? 0 : symbol >> 4;
  // Without a number only a run of 15 goes on.
  const skip = !isDc && size === 0 && run !== 15 ? END_OF_BLOCK : run;
  return (length + size) | (length << 8) | (size << 16) | (skip << 24);
}

/** The entry of the code that the bits begin with; 0 where there is none. */
function findCode(table: usize, ahead: u64, isDc: bool): u32 {
  const entry = load<u32>(table + <usize>((ahead >> (64 - LOOKUP_BITS)) << 2));
  return entry === 0 ? findLongCode(table, ahead, isDc) : entry;
}

/** The entry of a code longer than `LOOKUP_BITS`; 0 where there is none. */
function findLongCode(table: usize, ahead: u64, isDc: bool): u32 {
  const word = <u32>(ahead >> 48);
  for (let length = LOOKUP_BITS + 1; length <= 16; length++) {
    if (word < load<u32>(table + LIMITS + length * 4)) {
      const place = (word >> (16 - length)) + load<u32>(table + OFFSETS + length * 4);
      return entryOf(load<u8>(table + SYMBOLS + (place & 255)), length, isDc);
    }
  }
  return 0;
}

/** Eight bytes, the first one highest. */
function loadBigEndian(at: usize): u64 {
  const reversed = i8x16(7, 6, 5, 4, 3, 2, 1, 0, -128, -128, -128, -128, -128, -128, -128, -128);
  return i64x2.extract_lane(i8x16.swizzle(v128.load64_zero(at), reversed), 0);
}

/** The number that the first `size` of the bits mean (T.81, F.2.2.1: EXTEND); 0 for a size of 0. */
function extend(ahead: u64, size: u32): i32 {
  const number = <i32>((ahead >> 1) >> (63 - size));
  const isNegative = <i32>(~(<i64>ahead) >> 63);
  return number + (isNegative & ((-1 << size) + 1));
}

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
  let entry = findCode(dcCodes, ahead, true);
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
      entry = findCode(acCodes, ahead, false);
      if (entry === 0) return 0;
      k += entry >> 24;
      storeNumber(k, ahead, entry);
      ahead <<= entry & 255;
      count -= entry & 255;
      k++;
    }
  } while (k < 64);
  bits = ahead;
  bitCount = count;
  bitsAt = at;
  return k;
}

// The transform's constants with 13 fractional bits.
const FIX_0_298631336 = 2446;
const FIX_0_390180644 = 3196;
const FIX_0_541196100 = 4433;
const FIX_0_765366865 = 6270;
const FIX_0_899976223 = 7373;
const FIX_1_175875602 = 9633;
const FIX_1_501321110 = 12299;
const FIX_1_847759065 = 15137;
const FIX_1_961570560 = 16069;
const FIX_2_053119869 = 16819;
const FIX_2_562915447 = 20995;
const FIX_3_072711026 = 25172;
const FRACTION_BITS = 13;

/** Two factors for `i32x4.dot_i16x8_s`, which multiplies pairs and adds them. */
function factors(first: i32, second: i32): v128 {
  return i32x4.splat((first & 0xffff) | (second << 16));
}

function zipLow(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

function zipHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

function shiftAndNarrow(low: v128, high: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, shift), i32x4.shr_s(high, shift));
}

/** Transforms each column of the 8×8 i16 in the workspace, rounds away `shift` bits, and transposes. */
function transformColumns(shift: i32): void {
  const in0 = v128.load(workspace, 0);
  const in1 = v128.load(workspace, 16);
  const in2 = v128.load(workspace, 32);
  const in3 = v128.load(workspace, 48);
  const in4 = v128.load(workspace, 64);
  const in5 = v128.load(workspace, 80);
  const in6 = v128.load(workspace, 96);
  const in7 = v128.load(workspace, 112);

  // The even part. The rounding is added once, for all the sums below.
  const half = i32x4.splat(1 << (shift - 1));
  const sum04 = i16x8.add(in0, in4);
  const difference04 = i16x8.sub(in0, in4);
  const sumLow = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(sum04), FRACTION_BITS), half);
  const sumHigh = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(sum04), FRACTION_BITS), half);
  const differenceLow = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(difference04), FRACTION_BITS), half);
  const differenceHigh = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(difference04), FRACTION_BITS), half);
  const low26 = zipLow(in2, in6);
  const high26 = zipHigh(in2, in6);
  const outer = factors(FIX_0_541196100 + FIX_0_765366865, FIX_0_541196100);
  const inner = factors(FIX_0_541196100, FIX_0_541196100 - FIX_1_847759065);
  const outerLow = i32x4.dot_i16x8_s(low26, outer);
  const outerHigh = i32x4.dot_i16x8_s(high26, outer);
  const innerLow = i32x4.dot_i16x8_s(low26, inner);
  const innerHigh = i32x4.dot_i16x8_s(high26, inner);
  const even0Low = i32x4.add(sumLow, outerLow);
  const even0High = i32x4.add(sumHigh, outerHigh);
  const even1Low = i32x4.add(differenceLow, innerLow);
  const even1High = i32x4.add(differenceHigh, innerHigh);
  const even2Low = i32x4.sub(differenceLow, innerLow);
  const even2High = i32x4.sub(differenceHigh, innerHigh);
  const even3Low = i32x4.sub(sumLow, outerLow);
  const even3High = i32x4.sub(sumHigh, outerHigh);

  // The odd part.
  const sum73 = i16x8.add(in7, in3);
  const sum51 = i16x8.add(in5, in1);
  const lowSums = zipLow(sum73, sum51);
  const highSums = zipHigh(sum73, sum51);
  const rotation73 = factors(FIX_1_175875602 - FIX_1_961570560, FIX_1_175875602);
  const rotation51 = factors(FIX_1_175875602, FIX_1_175875602 - FIX_0_390180644);
  const z3Low = i32x4.dot_i16x8_s(lowSums, rotation73);
  const z3High = i32x4.dot_i16x8_s(highSums, rotation73);
  const z4Low = i32x4.dot_i16x8_s(lowSums, rotation51);
  const z4High = i32x4.dot_i16x8_s(highSums, rotation51);
  const low71 = zipLow(in7, in1);
  const high71 = zipHigh(in7, in1);
  const low53 = zipLow(in5, in3);
  const high53 = zipHigh(in5, in3);
  const by7 = factors(FIX_0_298631336 - FIX_0_899976223, -FIX_0_899976223);
  const by5 = factors(FIX_2_053119869 - FIX_2_562915447, -FIX_2_562915447);
  const by3 = factors(-FIX_2_562915447, FIX_3_072711026 - FIX_2_562915447);
  const by1 = factors(-FIX_0_899976223, FIX_1_501321110 - FIX_0_899976223);
  const odd0Low = i32x4.add(z4Low, i32x4.dot_i16x8_s(low71, by1));
  const odd0High = i32x4.add(z4High, i32x4.dot_i16x8_s(high71, by1));
  const odd1Low = i32x4.add(z3Low, i32x4.dot_i16x8_s(low53, by3));
  const odd1High = i32x4.add(z3High, i32x4.dot_i16x8_s(high53, by3));
  const odd2Low = i32x4.add(z4Low, i32x4.dot_i16x8_s(low53, by5));
  const odd2High = i32x4.add(z4High, i32x4.dot_i16x8_s(high53, by5));
  const odd3Low = i32x4.add(z3Low, i32x4.dot_i16x8_s(low71, by7));
  const odd3High = i32x4.add(z3High, i32x4.dot_i16x8_s(high71, by7));

  const out0 = shiftAndNarrow(i32x4.add(even0Low, odd0Low), i32x4.add(even0High, odd0High), shift);
  const out1 = shiftAndNarrow(i32x4.add(even1Low, odd1Low), i32x4.add(even1High, odd1High), shift);
  const out2 = shiftAndNarrow(i32x4.add(even2Low, odd2Low), i32x4.add(even2High, odd2High), shift);
  const out3 = shiftAndNarrow(i32x4.add(even3Low, odd3Low), i32x4.add(even3High, odd3High), shift);
  const out4 = shiftAndNarrow(i32x4.sub(even3Low, odd3Low), i32x4.sub(even3High, odd3High), shift);
  const out5 = shiftAndNarrow(i32x4.sub(even2Low, odd2Low), i32x4.sub(even2High, odd2High), shift);
  const out6 = shiftAndNarrow(i32x4.sub(even1Low, odd1Low), i32x4.sub(even1High, odd1High), shift);
  const out7 = shiftAndNarrow(i32x4.sub(even0Low, odd0Low), i32x4.sub(even0High, odd0High), shift);

  // Transposed in three steps: pairs of 16, of 32 and of 64 bits.
  const low01 = zipLow(out0, out1);
  const high01 = zipHigh(out0, out1);
  const low23 = zipLow(out2, out3);
  const high23 = zipHigh(out2, out3);
  const low45 = zipLow(out4, out5);
  const high45 = zipHigh(out4, out5);
  const low67 = zipLow(out6, out7);
  const high67 = zipHigh(out6, out7);
  const left01 = v128.shuffle<i32>(low01, low23, 0, 4, 1, 5);
  const left23 = v128.shuffle<i32>(low01, low23, 2, 6, 3, 7);
  const left45 = v128.shuffle<i32>(high01, high23, 0, 4, 1, 5);
  const left67 = v128.shuffle<i32>(high01, high23, 2, 6, 3, 7);
  const right01 = v128.shuffle<i32>(low45, low67, 0, 4, 1, 5);
  const right23 = v128.shuffle<i32>(low45, low67, 2, 6, 3, 7);
  const right45 = v128.shuffle<i32>(high45, high67, 0, 4, 1, 5);
  const right67 = v128.shuffle<i32>(high45, high67, 2, 6, 3, 7);
  v128.store(workspace, v128.shuffle<i64>(left01, right01, 0, 2), 0);
  v128.store(workspace, v128.shuffle<i64>(left01, right01, 1, 3), 16);
  v128.store(workspace, v128.shuffle<i64>(left23, right23, 0, 2), 32);
  v128.store(workspace, v128.shuffle<i64>(left23, right23, 1, 3), 48);
  v128.store(workspace, v128.shuffle<i64>(left45, right45, 0, 2), 64);
  v128.store(workspace, v128.shuffle<i64>(left45, right45, 1, 3), 80);
  v128.store(workspace, v128.shuffle<i64>(left67, right67, 0, 2), 96);
  v128.store(workspace, v128.shuffle<i64>(left67, right67, 1, 3), 112);
}

/** Numbers around zero to samples of 8 bits. */
function toSamples(low: v128, high: v128): v128 {
  return v128.xor(i8x16.narrow_i16x8_s(low, high), i8x16.splat(-128));
}

/** The same for two rows of the workspace, stored one below the other. */
function storeRows(row: usize, target: usize, stride: usize): void {
  const samples = toSamples(v128.load(workspace + row * 16), v128.load(workspace + row * 16, 16));
  v128.store64_lane(target, samples, 0);
  v128.store64_lane(target + stride, samples, 1);
}

/** Moves a row of the block to the workspace, dequantised, and leaves zeros. @returns the row as it was. */
function takeRow(offset: usize, quantisation: usize): v128 {
  const row = v128.load(block + offset);
  v128.store(workspace + offset, i16x8.mul(row, v128.load(quantisation + offset)));
  v128.store(block + offset, i32x4.splat(0));
  return row;
}

/** Turns the block's coefficients into 8×8 samples at `target`, and the block into zeros. */
function writeBlock(quantisation: usize, target: usize, stride: usize): void {
  takeRow(0, quantisation);
  let lowerRows = i32x4.splat(0);
  for (let offset: usize = 16; offset < 128; offset += 16)
    lowerRows = v128.or(lowerRows, takeRow(offset, quantisation));
  if (v128.any_true(lowerRows)) transformColumns(FRACTION_BITS - 2);
  else repeatFirstRow();
  transformColumns(FRACTION_BITS + 2 + 3);
  for (let row: usize = 0; row < 8; row += 2) storeRows(row, target + row * stride, stride);
}

/** What the first transform makes of columns that are constant; as in libjpeg-turbo, 16 bits wide, which shows in damaged files alone. */
function repeatFirstRow(): void {
  v128.store(workspace, i16x8.shl(v128.load(workspace), 2));
  for (let column: usize = 8; column > 0; column--)
    v128.store(workspace + (column - 1) * 16, i16x8.splat(load<i16>(workspace + (column - 1) * 2)));
}

/** The same for a block with a DC coefficient alone. */
function writeFlatBlock(quantisation: usize, target: usize, stride: usize): void {
  const scaled = <i32>(<i16>(load<i16>(block) * load<i16>(quantisation) * 4));
  const value = i16x8.splat(<i16>((scaled + 16) >> 5));
  const samples = toSamples(value, value);
  for (let row: usize = 0; row < 8; row++) v128.store64_lane(target + row * stride, samples, 0);
  store<i16>(block, 0);
}

// The scan under way. Its bytes come in pieces: those not yet taken stand from `sourceAt` to `sourceEnd`.
let components: usize = 0;
let componentCount: i32 = 0;
let unitsAcross: i32 = 0;
let interval: i32 = 0;
let unitsToRestart: i32 = 0;
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
  for (let index = 0; index < componentCount; index++) store<i32>(components + index * 32, 0, 28);
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

/** Passes over a restart marker, RST0 to RST7 in turn (T.81, B.2.1). @returns whether one is due and there. */
function restart(): bool {
  if (!isSegmentWhole) refill();
  if (!isUsedUp() || sourceAt + 2 > sourceEnd || load<u8>(sourceAt, 1) !== 0xd0 + (restarts++ & 7))
    return false;
  sourceAt += 2;
  startSegment();
  return true;
}

/** Decodes the next row of units into the components' planes, from their begin. @returns whether the data is as it should be. */
export function decodeRow(): bool {
  if (!isSegmentWhole && bitsEnd - bitsAt < rowBytes) refill();
  for (let x = 0; x < unitsAcross; x++) {
    if (interval > 0 && unitsToRestart-- === 0) {
      if (!restart()) return false;
      unitsToRestart--;
    }
    for (let index = 0; index < componentCount; index++) {
      if (!decodeUnit(components + index * 32, x)) return false;
    }
    if (bitsAt > bitsEnd + 8) return false;
  }
  return true;
}

/** @returns the second byte of the marker that ends the scan; 0 where the data is not as it should be. */
export function endScan(): i32 {
  if (!isSegmentWhole) refill();
  return isUsedUp() && sourceAt + 2 <= sourceEnd ? load<u8>(sourceAt, 1) : 0;
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

/**
 * Converts rows `from` up to `end` of the components' planes to RGB: for each row its red samples, its green and its blue ones, `bytes`
 * bytes each. Rows count from the planes' begin; row −1 is the one that `keepLastRow` kept.
 * @param firstChroma the first row of chroma there is, −1 or 0, and @param lastChroma the last one, where chroma is half as high.
 * @param rows room for 8 rows of the first plane and 512 bytes, where chroma is subsampled.
 */
export function convert(
  width: i32,
  from: i32,
  end: i32,
  firstChroma: i32,
  lastChroma: i32,
  rows: usize,
  target: usize,
  bytes: usize,
): void {
  const luma = <usize>load<u32>(components, 20);
  const stride = load<i32>(components, 24);
  let row = target;
  if (componentCount === 1) {
    for (let y = from; y < end; y++) {
      memory.copy(row, luma + <usize>(y * stride), bytes);
      memory.copy(row + bytes, row, bytes);
      memory.copy(row + 2 * bytes, row, bytes);
      row += 3 * bytes;
    }
    return;
  }
  const isHalfWide = load<i32>(components, 0) === 2;
  const isHalfHigh = load<i32>(components, 4) === 2;
  const blue = <usize>load<u32>(components + 32, 20);
  const red = <usize>load<u32>(components + 64, 20);
  const chromaStride = load<i32>(components + 32, 24);
  const blueRow = rows;
  const redRow = blueRow + <usize>stride + 64;
  const sums = redRow + <usize>stride + 64;
  for (let y = from; y < end; y++) {
    const near = isHalfHigh ? y >> 1 : y;
    const other = isHalfHigh ? near + ((y & 1) << 1) - 1 : near;
    const far = min(max(other, firstChroma), lastChroma) * chromaStride;
    let blueSamples = blue + <usize>(near * chromaStride);
    let redSamples = red + <usize>(near * chromaStride);
    if (isHalfWide) {
      enlargeRow(blueSamples, blue + <usize>far, (width + 1) >> 1, isHalfHigh, sums, blueRow);
      enlargeRow(redSamples, red + <usize>far, (width + 1) >> 1, isHalfHigh, sums, redRow);
      blueSamples = blueRow;
      redSamples = redRow;
    }
    convertRow(luma + <usize>(y * stride), blueSamples, redSamples, width, row, bytes);
    row += 3 * bytes;
  }
}

/** Copies the planes' last rows to before their begin, where the next rows of chroma need them. */
export function keepLastRow(): void {
  for (let index = 0; index < componentCount; index++) {
    const component = components + index * 32;
    const plane = <usize>load<u32>(component, 20);
    const stride = <usize>load<u32>(component, 24);
    const last = <usize>(load<i32>(component, 4) * 8 - 1);
    memory.copy(plane - stride, plane + last * stride, stride);
  }
}

/**
 * Twice as many samples from a row of `count`: each new one is three parts of the nearest and one part of the next, in one or both
 * directions. At an edge the nearest is the next, too.
 */
function enlargeRow(near: usize, far: usize, count: i32, isHalfHigh: bool, sums: usize, target: usize): void {
  const shift = isHalfHigh ? 4 : 2;
  const even = i16x8.splat(isHalfHigh ? 8 : 1);
  const odd = i16x8.splat(isHalfHigh ? 7 : 2);
  for (let x = 0; x < count; x += 8) {
    const samples = v128.load8x8_u(near + x);
    const sum = isHalfHigh ? i16x8.add(triple(samples), v128.load8x8_u(far + x)) : samples;
    v128.store(sums + x * 2, sum, 2);
  }
  store<i16>(sums, load<i16>(sums, 2));
  store<i16>(sums + count * 2, load<i16>(sums + count * 2), 2);
  for (let x = 0; x < count; x += 8) {
    const here = triple(v128.load(sums + x * 2, 2));
    const left = i16x8.shr_u(i16x8.add(i16x8.add(here, v128.load(sums + x * 2)), even), shift);
    const right = i16x8.shr_u(i16x8.add(i16x8.add(here, v128.load(sums + x * 2, 4)), odd), shift);
    v128.store(target + x * 2, v128.or(left, i16x8.shl(right, 8)));
  }
}

function triple(values: v128): v128 {
  return i16x8.add(values, i16x8.shl(values, 1));
}

/** JFIF's conversion (https://www.w3.org/Graphics/JPEG/jfif3.pdf), 16 samples at a time. */
function convertRow(luma: usize, blue: usize, red: usize, width: i32, target: usize, bytes: usize): void {
  const middle = i16x8.splat(128);
  for (let x = 0; x < width; x += 16) {
    const y = v128.load(luma + x);
    const cb = v128.load(blue + x);
    const cr = v128.load(red + x);
    const y0 = i16x8.extend_low_i8x16_u(y);
    const y1 = i16x8.extend_high_i8x16_u(y);
    const cb0 = i16x8.sub(i16x8.extend_low_i8x16_u(cb), middle);
    const cb1 = i16x8.sub(i16x8.extend_high_i8x16_u(cb), middle);
    const cr0 = i16x8.sub(i16x8.extend_low_i8x16_u(cr), middle);
    const cr1 = i16x8.sub(i16x8.extend_high_i8x16_u(cr), middle);
    const out = target + x;
    v128.store(out, i8x16.narrow_i16x8_u(redOf(y0, cr0), redOf(y1, cr1)));
    v128.store(out + bytes, i8x16.narrow_i16x8_u(greenOf(y0, cb0, cr0), greenOf(y1, cb1, cr1)));
    v128.store(out + 2 * bytes, i8x16.narrow_i16x8_u(blueOf(y0, cb0), blueOf(y1, cb1)));
  }
}

/** Y + 1.402 Cr. The fraction has 15 bits here, which gives the same as 16 for each of the 256 numbers that Cr can be. */
function redOf(y: v128, cr: v128): v128 {
  return i16x8.add(i16x8.add(y, cr), i16x8.q15mulr_sat_s(cr, i16x8.splat(13173)));
}

/** Y + 1.772 Cb, and the same holds. */
function blueOf(y: v128, cb: v128): v128 {
  return i16x8.add(i16x8.add(y, i16x8.shl(cb, 1)), i16x8.q15mulr_sat_s(cb, i16x8.splat(-7471)));
}

/** Y − 0.34414 Cb − 0.71414 Cr, as Y − Cr + (18734 Cr − 22554 Cb) / 2¹⁶. */
function greenOf(y: v128, cb: v128, cr: v128): v128 {
  const parts = factors(-22554, 18734);
  const half = i32x4.splat(1 << 15);
  const low = i32x4.add(i32x4.dot_i16x8_s(zipLow(cb, cr), parts), half);
  const high = i32x4.add(i32x4.dot_i16x8_s(zipHigh(cb, cr), parts), half);
  return i16x8.add(i16x8.sub(y, cr), shiftAndNarrow(low, high, 16));
}
