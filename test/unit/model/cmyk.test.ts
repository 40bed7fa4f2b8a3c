import { expect, test } from 'vitest';
import { cmykToRgb } from '../../../layers/model/run/cmyk.ts';

test('turns CMYK into RGB with the values that Pillow gives', () => {
  // Image.frombytes("CMYK", (6, 1), …).convert("RGB").tobytes() of Pillow 13.
  const cmyk = [
    0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 255, 255, 0, 0, 0, 10, 20, 30, 40, 100, 150, 200, 50,
  ];
  const rgb = [255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 255, 255, 207, 198, 190, 125, 84, 44];
  expect([...cmykToRgb(Uint8Array.from(cmyk))]).toEqual(rgb);
});
