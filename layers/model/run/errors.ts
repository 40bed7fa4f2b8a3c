/** Why an image cannot be classified, whoever tries and however often. */
export type ImageErrorCode =
  | 'empty_file'
  | 'unsupported_image'
  | 'unsupported_variant'
  | 'image_too_large'
  | 'too_many_pixels'
  | 'too_costly'
  | 'corrupt_image'
  | 'model_missing';

/** The image itself is at fault. The message says what is wrong with it and what to send instead. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
