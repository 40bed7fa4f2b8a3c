const SCALE = 6;

/** A coefficient's products with a chroma sample, in 1/64, rounded towards 0 as the tables of Pillow's ConvertYCbCr.c are. */
function table(coefficient: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, chroma) =>
    Math.trunc(coefficient * (chroma - 128) * 2 ** SCALE + 0.5),
  );
}

const [redOfCr, greenOfCb, greenOfCr, blueOfCb] = [1.402, -0.34414, -0.71414, 1.772].map(table);

/** Turns packed YCbCr samples of the JFIF kind into RGB, equal to Pillow's. */
export function yccToRgb(ycc: Uint8Array): Uint8Array {
  const rgb = new Uint8ClampedArray(ycc.length);
  for (let at = 0; at < ycc.length; at += 3) {
    const [y = 0, cb = 0, cr = 0] = ycc.subarray(at, at + 3);
    rgb[at] = y + ((redOfCr?.[cr] ?? 0) >> SCALE);
    rgb[at + 1] = y + (((greenOfCb?.[cb] ?? 0) + (greenOfCr?.[cr] ?? 0)) >> SCALE);
    rgb[at + 2] = y + ((blueOfCb?.[cb] ?? 0) >> SCALE);
  }
  return new Uint8Array(rgb.buffer);
}
