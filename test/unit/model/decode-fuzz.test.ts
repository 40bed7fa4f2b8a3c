import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImageError } from '../../../layers/model/run/errors.ts';
import { decodeImage } from '../../support/model/decode.ts';
import { drawScene, toSharp } from '../../support/pictures/drawn.ts';

const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.integer({ min: 0, max: 255 }),
});

/** Decodes or throws a problem: anything else would have the same image tried again and again. */
async function expectAnswer(bytes: Uint8Array): Promise<void> {
  const result = await decodeImage({ bytes }).catch((error: unknown) => error);
  if (result instanceof Error) expect(result, String(result.cause)).toBeInstanceOf(ImageError);
}

describe('decode of a damaged file', () => {
  test.each(formats)('gives a picture or a problem, whatever has changed in a %s', async (format) => {
    const whole = await toSharp(drawScene(60, 40)).toFormat(format).toBuffer();
    // Its signature stays, that the decoder itself is reached; most files keep their length.
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    const share = fc.oneof(
      { weight: 3, arbitrary: fc.constant(100) },
      { weight: 1, arbitrary: fc.integer({ min: 30, max: 99 }) },
    );
    await fc.assert(
      fc.asyncProperty(changes, share, async (all, percent) => {
        const bytes = Buffer.from(whole.subarray(0, Math.ceil((whole.length * percent) / 100)));
        for (const { at, byte } of all) bytes[16 + (at % (bytes.length - 16))] = byte;
        await expectAnswer(bytes);
      }),
      { numRuns: 150 },
    );
  });

  test('gives a picture or a problem for any bytes behind the header of a bitmap', async () => {
    const body = fc.uint8Array({ minLength: 100, maxLength: 900 });
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom(12, 40, 52, 108, 124), async (rest, header) => {
        const start = Buffer.from([0x42, 0x4d, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, header, 0, 0, 0]);
        // Sides below 16, so that not every picture is refused for its size.
        const size =
          header === 12
            ? [(rest[0] ?? 0) % 16, 0, (rest[1] ?? 0) % 16, 0]
            : [(rest[0] ?? 0) % 16, 0, 0, 0, (rest[1] ?? 0) % 16, 0, 0, 0];
        const kind = [1, 0, [1, 4, 8, 16, 24, 32][(rest[2] ?? 0) % 6] ?? 0, 0, (rest[3] ?? 0) % 4, 0, 0, 0];
        await expectAnswer(Buffer.concat([start, Buffer.from(size), Buffer.from(kind), rest]));
      }),
      { numRuns: 500 },
    );
  });
});
