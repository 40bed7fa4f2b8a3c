import type { SharpConstructor } from 'sharp';

let loading: Promise<SharpConstructor> | undefined;

/** sharp, loaded when the first image needs it: a start does not wait for libvips, and most images are JPEGs of the usual kind. */
export function loadSharp(): Promise<SharpConstructor> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SharpConstructor> {
  const { default: sharp } = await import('sharp');
  // Only the loaders of accepted formats, whatever a file claims to be: each is code that reads strangers' bytes.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}`),
  });
  // No picture comes twice, and one picture at a time is decoded per process.
  sharp.cache(false);
  return sharp;
}
