/** The image formats this service decodes, in the order in which they are named to people. Told by content, never by name. */
export const acceptedFormats = [
  { name: 'JPEG', mediaType: 'image/jpeg' },
  { name: 'PNG', mediaType: 'image/png' },
  { name: 'WebP', mediaType: 'image/webp' },
  { name: 'GIF', mediaType: 'image/gif' },
  { name: 'AVIF', mediaType: 'image/avif' },
  { name: 'HEIC', mediaType: 'image/heic' },
  { name: 'TIFF', mediaType: 'image/tiff' },
  { name: 'BMP', mediaType: 'image/bmp' },
] as const;

/** File names that images of these formats usually have. */
export const imageFileName = /\.(jpe?g|jpe|jfif|png|webp|gif|avif|hei[cf]|tiff?|bmp)$/i;
