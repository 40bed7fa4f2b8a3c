// AssemblyScript: the inverse DCT of a block.

/** From zigzag order to rows of 8 (T.81, figure A.6); whatever lies past the block goes to a place behind it. */
export const naturalOrder = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64,
]);

/** The block under way: 64 i16, and the place behind it. It is zero before each block. */
export const block = memory.data(64 * 2 + 16, 16);
const workspace = memory.data(64 * 2, 16);

/** Makes a quantisation table of a DQT segment's 64 bytes (T.81, B.2.4.1): i16, in rows of 8. */
export function prepareQuantisation(segment: usize, table: usize): void {
  for (let k: usize = 0; k < 64; k++)
    store<i16>(table + ((<usize>load<u8>(naturalOrder + k)) << 1), load<u8>(segment + k));
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
export function factors(first: i32, second: i32): v128 {
  return i32x4.splat((first & 0xffff) | (second << 16));
}

export function zipLow(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

export function zipHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

export function shiftAndNarrow(low: v128, high: v128, shift: i32): v128 {
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
export function writeBlock(quantisation: usize, target: usize, stride: usize): void {
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
export function writeFlatBlock(quantisation: usize, target: usize, stride: usize): void {
  const scaled = <i32>(<i16>(load<i16>(block) * load<i16>(quantisation) * 4));
  const value = i16x8.splat(<i16>((scaled + 16) >> 5));
  const samples = toSamples(value, value);
  for (let row: usize = 0; row < 8; row++) v128.store64_lane(target + row * stride, samples, 0);
  store<i16>(block, 0);
}
