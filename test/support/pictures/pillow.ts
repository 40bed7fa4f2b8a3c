import type { Pixels } from '../../../layers/model/run/bmp.ts';

/**
 * Pillow 13's `Image.resize(size, BICUBIC)` for RGB, transcribed plainly from its Resample.c: the oracle of the WebAssembly kernel.
 * It shares no code with it.
 */
export function pillowResize(source: Pixels, width: number, height: number): Pixels {
  const across = (picture: Pixels) => (picture.width === width ? picture : resampleAcross(picture, width));
  const down = (picture: Pixels) =>
    picture.height === height ? picture : transpose(resampleAcross(transpose(picture), height));
  const isVerticalFirst = source.height - height > 0 && source.height - height > (source.width - width) * 2;
  return isVerticalFirst ? across(down(source)) : down(across(source));
}

function bicubic(value: number): number {
  const a = -0.5;
  const x = Math.abs(value);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function resampleAcross({ data, width: inSize, height }: Pixels, outSize: number): Pixels {
  const scale = inSize / outSize;
  const filterScale = Math.max(scale, 1);
  const support = 2 * filterScale;
  const out = new Uint8Array(outSize * height * 3);
  for (let x = 0; x < outSize; x++) {
    const centre = (x + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), inSize);
    const weights: number[] = [];
    let sum = 0;
    for (let i = first; i < end; i++) {
      const weight = bicubic((i - centre + 0.5) * (1 / filterScale));
      weights.push(weight);
      sum += weight;
    }
    const fixed = weights.map((weight) => {
      const scaled = (sum === 0 ? weight : weight / sum) * (1 << 22);
      return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    });
    for (let y = 0; y < height; y++) {
      for (let band = 0; band < 3; band++) {
        let total = 1 << 21;
        fixed.forEach((weight, i) => {
          total += (data[(y * inSize + first + i) * 3 + band] ?? 0) * weight;
        });
        out[(y * outSize + x) * 3 + band] = Math.min(Math.max(total >> 22, 0), 255);
      }
    }
  }
  return { data: out, width: outSize, height };
}

function transpose({ data, width, height }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let band = 0; band < 3; band++)
        out[(x * height + y) * 3 + band] = data[(y * width + x) * 3 + band] ?? 0;
    }
  }
  return { data: out, width: height, height: width };
}
