import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as z from 'zod';
import type { Pixels } from '../bmp.ts';
import { ImageError } from '../errors.ts';
import { type ImageLimits, requireSizeWithinLimit } from '../size.ts';
import { requireAffordableHeif } from './cost.ts';

const requireHere = createRequire(import.meta.url);

/** Where the optional package `libheif-js` has its WebAssembly build; `undefined` where it is not installed. */
const library = ((): { script: string; binary: string } | undefined => {
  try {
    const script = requireHere.resolve('libheif-js/libheif-wasm/libheif.js');
    const binary = requireHere.resolve('libheif-js/libheif-wasm/libheif.wasm');
    return existsSync(binary) ? { script, binary } : undefined;
  } catch {
    return undefined;
  }
})();

/** Whether HEIC is read here. */
export const isHeicRead = library !== undefined;

/** A pointer into libheif's memory. */
const pointer = z.custom<object>((value) => typeof value === 'object' && value !== null);
const handle = z.union([
  z.object({ code: z.unknown(), message: z.string() }).transform(({ message }) => new Error(message)),
  pointer,
]);
const decodedSchema = z.object({
  image: pointer,
  width: z.int(),
  height: z.int(),
  channels: z.array(z.object({ stride: z.int(), data: z.instanceof(Uint8Array) })).length(1),
});

/** Embind's enumerations are functions with a member for each value. */
function isEnumeration(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

const callable = z.custom<(...values: unknown[]) => unknown>((value) => typeof value === 'function');

/** What of libheif's interface is used here (https://github.com/strukturag/libheif, `post.js` and `heif_emscripten.h`). */
const libheifSchema = z.object({
  heif_context_alloc: callable,
  heif_context_free: callable,
  heif_context_read_from_memory: callable,
  heif_js_context_get_primary_image_handle: callable,
  heif_js_decode_image2: callable,
  heif_image_handle_release: callable,
  heif_image_handle_get_width: callable,
  heif_image_handle_get_height: callable,
  heif_image_release: callable,
  heif_colorspace: z.custom<Record<'heif_colorspace_RGB', unknown>>(isEnumeration),
  heif_chroma: z.custom<Record<'heif_chroma_interleaved_RGB', unknown>>(isEnumeration),
});
type Libheif = z.infer<typeof libheifSchema>;

let loading: Promise<Libheif> | undefined;
/** WebAssembly memory never shrinks: after a picture with more pixels than this, libheif is loaded again for the next one. */
const KEPT_PIXELS = 2_000_000;

async function load(): Promise<Libheif> {
  if (library === undefined) throw new Error('libheif-js is not installed.');
  const wasmBinary = await readFile(library.binary);
  // Loaded when the first HEIC comes: it takes 30 ms and 20 MB.
  const create = callable.parse(requireHere(library.script));
  return libheifSchema.parse(create({ wasmBinary }));
}

/**
 * Decodes the primary picture of a HEIC file to upright RGB with libheif, which turns and crops as the file says (`irot`, `imir`, `clap`).
 * Samples of 10 bits are rounded to 8 by libheif.
 * @throws {ImageError} `too_costly`, `too_many_pixels` or `corrupt_image`.
 */
export async function decodeHeic(bytes: Uint8Array, limits: ImageLimits): Promise<Pixels> {
  requireAffordableHeif(bytes);
  loading ??= load();
  const libheif = await loading;
  // Kept only if all goes well.
  const loaded = loading;
  loading = undefined;
  const pixels = await decodeFile(libheif, bytes, limits);
  if (pixels.width * pixels.height <= KEPT_PIXELS) loading = loaded;
  return pixels;
}

async function decodeFile(libheif: Libheif, bytes: Uint8Array, limits: ImageLimits): Promise<Pixels> {
  const context = pointer.parse(libheif.heif_context_alloc());
  libheif.heif_context_read_from_memory(context, bytes);
  const image = succeeded(handle.parse(libheif.heif_js_context_get_primary_image_handle(context)));
  const pixels = await decodePrimary(libheif, image, limits);
  libheif.heif_image_handle_release(image);
  libheif.heif_context_free(context);
  return pixels;
}

async function decodePrimary(libheif: Libheif, image: object, limits: ImageLimits): Promise<Pixels> {
  const [width, height] = [
    libheif.heif_image_handle_get_width(image),
    libheif.heif_image_handle_get_height(image),
  ].map(Number);
  requireSizeWithinLimit({ width: width ?? 0, height: height ?? 0 }, limits);
  const { heif_colorspace_RGB: rgb } = libheif.heif_colorspace;
  const { heif_chroma_interleaved_RGB: interleaved } = libheif.heif_chroma;
  const decoded = decodedSchema.safeParse(await libheif.heif_js_decode_image2(image, rgb, interleaved));
  if (!decoded.success) throw new RangeError('libheif cannot decode the picture');
  try {
    return withoutPadding(decoded.data);
  } finally {
    libheif.heif_image_release(decoded.data.image);
  }
}

function succeeded(result: object): object {
  if (result instanceof Error) throw new RangeError(result.message);
  return result;
}

function withoutPadding({ width, height, channels: [channel] }: z.infer<typeof decodedSchema>): Pixels {
  const { stride, data } = channel ?? { stride: 0, data: new Uint8Array() };
  if (stride < width * 3 || data.length < stride * (height - 1) + width * 3)
    throw new ImageError(
      'corrupt_image',
      'The image is damaged or incomplete: send it again or send another one.',
    );
  const packed = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++)
    packed.set(data.subarray(row * stride, row * stride + width * 3), row * width * 3);
  return { data: packed, width, height };
}
