// AssemblyScript: from planes to RGB.
import { COMPONENT_BYTES } from './scan';
import { factors, shiftAndNarrow, zipHigh, zipLow } from './transform';

/**
 * Converts rows `from` up to `end` of the components' planes to RGB: for each row its red samples, its green and its blue ones, `bytes`
 * bytes each. Rows count from the planes' begin; row −1 is the one that `keepLastRow` kept.
 * @param firstChroma the first row of chroma there is, −1 or 0, and @param lastChroma the last one, where chroma is half as high.
 * @param rows room for 8 rows of the first plane and 512 bytes, where chroma is subsampled.
 */
export function convert(
  components: usize,
  count: i32,
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
  if (count === 1) {
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
  const blue = <usize>load<u32>(components + COMPONENT_BYTES, 20);
  const red = <usize>load<u32>(components + 2 * COMPONENT_BYTES, 20);
  const chromaStride = load<i32>(components + COMPONENT_BYTES, 24);
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
export function keepLastRow(components: usize, count: i32): void {
  for (let index = 0; index < count; index++) {
    const component = components + index * COMPONENT_BYTES;
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
