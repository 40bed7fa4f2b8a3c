import type { ProblemCode } from '../../shared/errors.ts';

/** What each problem says, as the OpenAPI document shows it. */
export const problemExamples: Readonly<Record<ProblemCode, string>> = {
  invalid_parameter: 'top: takes a whole number from 1 to 20',
  invalid_body: 'Send JSON such as {"contentType": "image/jpeg"}.',
  no_file_part: 'Send the image as the multipart part "file", or as the body itself.',
  no_selected_file: 'Choose a file before sending.',
  empty_file: 'Choose a file with an image in it.',
  not_found: 'No job has this id. It may have been deleted.',
  method_not_allowed: '/predict answers POST, OPTIONS, not GET.',
  gone: 'The job was kept until 2026-01-02T09:30:00.000Z. Send the image again.',
  image_too_large: 'POST /predict takes images of up to 4 MiB. POST /uploads gives a form for up to 25 MiB.',
  unsupported_image:
    'The file is not an image this service reads: send JPEG, PNG, WebP, GIF, AVIF, TIFF, or BMP.',
  corrupt_image: 'The image is damaged or incomplete: send it again or send another one.',
  too_many_pixels:
    'The image is 12000 × 9000 pixels: send one of at most 50 million pixels and 16384 on each side.',
  image_missing: 'The image is no longer in storage. Send it again.',
  idempotency_key_reused: 'This Idempotency-Key came with another request before. Take a new one.',
  internal_error: 'This is our fault, not yours. Try again in a moment.',
  gave_up: 'The image could not be classified after several attempts. Send it again later.',
  upload_expired: 'No image arrived before the upload form expired. Ask POST /uploads for a new form.',
  lost: 'The image was not classified in time. Send it again.',
  unavailable: 'A part of the service does not answer at the moment. Try again in a few seconds.',
};
