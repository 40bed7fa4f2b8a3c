import sharp, { type Sharp } from 'sharp';
import type { Pixels } from '../../../layers/model/run/bmp.ts';

/** A colour for each position, as 0xRRGGBB. Integer arithmetic alone: the picture is the same everywhere. */
type Painter = (x: number, y: number) => number;

function draw(width: number, height: number, painter: Painter): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = painter(x, y);
      data[at++] = colour >> 16;
      data[at++] = colour >> 8;
      data[at++] = colour;
    }
  }
  return { data, width, height };
}

const rgb = (red: number, green: number, blue: number) =>
  ((red & 255) << 16) | ((green & 255) << 8) | (blue & 255);

/** A scene of soft and sharp edges: a gradient sky, a disc, a striped ground. */
export function drawScene(width: number, height: number): Pixels {
  const radius = Math.floor(Math.min(width, height) / 4);
  const [cx, cy] = [Math.floor(width / 3), Math.floor(height / 3)];
  return draw(width, height, (x, y) => {
    if ((x - cx) ** 2 + (y - cy) ** 2 < radius ** 2) return rgb(250, 190 - Math.floor((y * 90) / height), 40);
    if (y * 3 > height * 2) return Math.floor((x + y) / 16) % 2 === 0 ? rgb(30, 110, 40) : rgb(90, 70, 20);
    return rgb(60, 90 + Math.floor((y * 120) / height), 200);
  });
}

/** Rings that grow finer towards one corner: they alias where a filter is wrong. */
export function drawRings(width: number, height: number): Pixels {
  return draw(width, height, (x, y) => {
    const distance = x * x + y * y;
    return rgb(distance >> 5, distance >> 7, 255 - (distance >> 6));
  });
}

/** Full contrast from pixel to pixel: overshoot must be clipped. */
export function drawChecks(width: number, height: number): Pixels {
  return draw(width, height, (x, y) => rgb(((x ^ y) & 1) * 255, ((x >> 3) & 1) * 255, ((y >> 2) & 1) * 255));
}

/** The pictures of the references in `test/model/reference`, by name: wide, tall (Pillow resizes it in another order), enlarged. */
export const drawnPictures: Readonly<Record<string, Pixels>> = {
  'scene-640x480': drawScene(640, 480),
  'rings-180x420': drawRings(180, 420),
  'checks-97x61': drawChecks(97, 61),
};

/** A picture for sharp to encode. */
export function toSharp({ data, width, height }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
