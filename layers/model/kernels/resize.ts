/**
 * AssemblyScript (https://www.assemblyscript.org), not TypeScript: the two passes of Pillow's resampling
 * (https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c) on interleaved RGB, with WebAssembly SIMD.
 *
 * A pass sums sample × coefficient over its taps in fixed point with 22 fractional bits, adds a half, shifts and clips to uint8.
 * `i32x4.dot_i16x8` multiplies two taps at once where the coefficient c is split into two 16-bit halves, c = (high << 11) + low;
 * all sums wrap modulo 2³², so the result is that of 32-bit arithmetic to the bit.
 *
 * The caller lays out memory:
 * - bounds: for each output position two i32, the first input position and the number of tap pairs;
 * - coefficients: for each output position `stride` pairs of taps, and for each pair of taps a, b four i16: high a, high b, low a, low b.
 * Both passes read and write up to 16 bytes past a row's end.
 */

const SPLIT_BITS = 11;
const FRACTION_BITS = 22;
const PAIR_BYTES = 8;
const GROUP_BYTES = 32;

/** (high << 11) + low + ½, shifted to whole samples. */
function toSamples(high: v128, low: v128): v128 {
  const sum = i32x4.add(i32x4.add(i32x4.shl(high, SPLIT_BITS), low), i32x4.splat(1 << (FRACTION_BITS - 1)));
  return i32x4.shr_s(sum, FRACTION_BITS);
}

/**
 * Resamples `rows` rows of pixels at `source` to `width` pixels each at `target`; both are packed.
 * Pairs of taps come in even numbers here: four pixels are read at once.
 */
export function horizontal(
  source: usize,
  sourceWidth: i32,
  rows: i32,
  target: usize,
  width: i32,
  bounds: usize,
  coefficients: usize,
  stride: i32,
): void {
  // Picks R, G, B of two neighbouring pixels as three pairs of 16-bit numbers; 0x80 picks zero.
  const firstPair = i8x16(0, -128, 3, -128, 1, -128, 4, -128, 2, -128, 5, -128, -128, -128, -128, -128);
  const secondPair = i8x16(6, -128, 9, -128, 7, -128, 10, -128, 8, -128, 11, -128, -128, -128, -128, -128);
  for (let y = 0; y < rows; y++) {
    const row = source + <usize>(y * sourceWidth * 3);
    let out = target + <usize>(y * width * 3);
    let bound = bounds;
    let table = coefficients;
    for (let x = 0; x < width; x++) {
      let pixel = row + <usize>(load<i32>(bound) * 3);
      let tap = table;
      const end = table + <usize>(load<i32>(bound, 4) * PAIR_BYTES);
      let high = i32x4.splat(0);
      let low = i32x4.splat(0);
      while (tap < end) {
        const pixels = v128.load(pixel);
        const first = i8x16.swizzle(pixels, firstPair);
        const second = i8x16.swizzle(pixels, secondPair);
        high = i32x4.add(high, i32x4.dot_i16x8_s(first, v128.load32_splat(tap)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(first, v128.load32_splat(tap, 4)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(second, v128.load32_splat(tap, 8)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(second, v128.load32_splat(tap, 12)));
        pixel += 12;
        tap += 2 * PAIR_BYTES;
      }
      const words = i16x8.narrow_i32x4_s(toSamples(high, low), high);
      // The fourth byte is overwritten by the next pixel.
      v128.store32_lane(out, i8x16.narrow_i16x8_u(words, words), 0);
      out += 3;
      bound += 8;
      table += <usize>(stride * PAIR_BYTES);
    }
  }
}

/** (high << 11) + low, summed over two lanes each: those of `a` in the even lanes, those of `b` in the odd ones. */
function addLanes(a: v128, b: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
}

/**
 * Resamples `rows` rows at `source` to `width` interleaved pixels each at `target`. A row is its red samples, its green and its blue ones,
 * `planeBytes` bytes each, and `rowBytes` in all. Taps come in groups of eight here: eight high halves, then eight low ones; `bounds` has
 * their number, `stride` is a position's share of the table in groups.
 */
export function horizontalPlanar(
  source: usize,
  rowBytes: i32,
  planeBytes: i32,
  rows: i32,
  target: usize,
  width: i32,
  bounds: usize,
  coefficients: usize,
  stride: i32,
): void {
  const half = i32x4.splat(1 << (FRACTION_BITS - 1));
  for (let y = 0; y < rows; y++) {
    const row = source + <usize>(y * rowBytes);
    let out = target + <usize>(y * width * 3);
    let bound = bounds;
    let table = coefficients;
    for (let x = 0; x < width; x++) {
      let red = row + <usize>load<i32>(bound);
      let green = red + <usize>planeBytes;
      let blue = green + <usize>planeBytes;
      let tap = table;
      const end = table + <usize>(load<i32>(bound, 4) * GROUP_BYTES);
      let redHigh = i32x4.splat(0),
        greenHigh = i32x4.splat(0),
        blueHigh = i32x4.splat(0);
      let redLow = i32x4.splat(0),
        greenLow = i32x4.splat(0),
        blueLow = i32x4.splat(0);
      while (tap < end) {
        const high = v128.load(tap);
        const low = v128.load(tap, 16);
        const reds = v128.load8x8_u(red);
        redHigh = i32x4.add(redHigh, i32x4.dot_i16x8_s(reds, high));
        redLow = i32x4.add(redLow, i32x4.dot_i16x8_s(reds, low));
        const greens = v128.load8x8_u(green);
        greenHigh = i32x4.add(greenHigh, i32x4.dot_i16x8_s(greens, high));
        greenLow = i32x4.add(greenLow, i32x4.dot_i16x8_s(greens, low));
        const blues = v128.load8x8_u(blue);
        blueHigh = i32x4.add(blueHigh, i32x4.dot_i16x8_s(blues, high));
        blueLow = i32x4.add(blueLow, i32x4.dot_i16x8_s(blues, low));
        red += 8;
        green += 8;
        blue += 8;
        tap += GROUP_BYTES;
      }
      const redSum = i32x4.add(i32x4.shl(redHigh, SPLIT_BITS), redLow);
      const greenSum = i32x4.add(i32x4.shl(greenHigh, SPLIT_BITS), greenLow);
      const blueSum = i32x4.add(i32x4.shl(blueHigh, SPLIT_BITS), blueLow);
      // Red, green, red, green; blue, blue, blue, blue.
      const redGreen = addLanes(redSum, greenSum);
      const blues = addLanes(blueSum, blueSum);
      const sum = i32x4.add(
        v128.shuffle<i32>(redGreen, blues, 0, 1, 4, 4),
        v128.shuffle<i32>(redGreen, blues, 2, 3, 6, 6),
      );
      const words = i32x4.shr_s(i32x4.add(sum, half), FRACTION_BITS);
      const narrow = i16x8.narrow_i32x4_s(words, words);
      // The fourth byte is overwritten by the next pixel.
      v128.store32_lane(out, i8x16.narrow_i16x8_u(narrow, narrow), 0);
      out += 3;
      bound += 8;
      table += <usize>(stride * GROUP_BYTES);
    }
  }
}

/** Resamples rows of `rowBytes` bytes at `source` to `height` rows at `target`; both are packed. */
export function vertical(
  source: usize,
  rowBytes: i32,
  target: usize,
  height: i32,
  bounds: usize,
  coefficients: usize,
  stride: i32,
): void {
  for (let y = 0; y < height; y++) {
    const bound = bounds + <usize>(y * 8);
    const table = coefficients + <usize>(y * stride * PAIR_BYTES);
    const end = table + <usize>(load<i32>(bound, 4) * PAIR_BYTES);
    const rows = source + <usize>(load<i32>(bound) * rowBytes);
    const out = target + <usize>(y * rowBytes);
    for (let column = 0; column < rowBytes; column += 16) {
      let row = rows + <usize>column;
      let high0 = i32x4.splat(0),
        high1 = i32x4.splat(0),
        high2 = i32x4.splat(0),
        high3 = i32x4.splat(0);
      let low0 = i32x4.splat(0),
        low1 = i32x4.splat(0),
        low2 = i32x4.splat(0),
        low3 = i32x4.splat(0);
      for (let tap = table; tap < end; tap += PAIR_BYTES) {
        const a = v128.load(row);
        const b = v128.load(row + <usize>rowBytes);
        const left = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const right = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const highs = v128.load32_splat(tap);
        const lows = v128.load32_splat(tap, 4);
        let samples = i16x8.extend_low_i8x16_u(left);
        high0 = i32x4.add(high0, i32x4.dot_i16x8_s(samples, highs));
        low0 = i32x4.add(low0, i32x4.dot_i16x8_s(samples, lows));
        samples = i16x8.extend_high_i8x16_u(left);
        high1 = i32x4.add(high1, i32x4.dot_i16x8_s(samples, highs));
        low1 = i32x4.add(low1, i32x4.dot_i16x8_s(samples, lows));
        samples = i16x8.extend_low_i8x16_u(right);
        high2 = i32x4.add(high2, i32x4.dot_i16x8_s(samples, highs));
        low2 = i32x4.add(low2, i32x4.dot_i16x8_s(samples, lows));
        samples = i16x8.extend_high_i8x16_u(right);
        high3 = i32x4.add(high3, i32x4.dot_i16x8_s(samples, highs));
        low3 = i32x4.add(low3, i32x4.dot_i16x8_s(samples, lows));
        row += <usize>(2 * rowBytes);
      }
      const words0 = i16x8.narrow_i32x4_s(toSamples(high0, low0), toSamples(high1, low1));
      const words1 = i16x8.narrow_i32x4_s(toSamples(high2, low2), toSamples(high3, low3));
      // A last block that is not whole runs into the next row, which is written after it.
      v128.store(out + <usize>column, i8x16.narrow_i16x8_u(words0, words1));
    }
  }
}
