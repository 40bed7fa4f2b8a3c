/**
 * Turns packed CMYK samples into RGB as Pillow does: (255 − C)(255 − K) / 255, rounded by its `MULDIV255`
 * (https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Convert.c, `cmyk2rgb`).
 */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const light = 255 - (cmyk[from + 3] ?? 0);
    for (let i = 0; i < 3; i++) {
      const t = (255 - (cmyk[from + i] ?? 0)) * light + 128;
      rgb[to + i] = (t + (t >> 8)) >> 8;
    }
  }
  return rgb;
}
