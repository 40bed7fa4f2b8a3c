import type { ProblemCode } from '../../shared/errors.ts';

/** What each problem says, as the OpenAPI document shows it. */
export const problemExamples: Readonly<Record<ProblemCode, string>> = {
  invalid_parameter: 'top: takes a whole number from 1 to 20',
  invalid_body: 'Send JSON such as {"contentType": "image/jpeg"}.',
  no_file_part: 'Send the image as the multipart part "file", or as the body itself.',
  several_files: 'The form has 2 parts named "file". Send one image with each request.',
  no_selected_file: 'Choose a file before sending.',
  empty_file: 'Choose a file with an image in it.',
  malformed_request: 'The request cannot be read as HTTP/1.1. Check the client.',
  unauthorized: 'Send the key as "Authorization: Bearer KEY" or "X-Api-Key: KEY".',
  cross_site:
    'Pages of https://other.example may not use this server. Its operator can allow them with ALLOWED_ORIGINS.',
  not_found: 'No job has this id. It may have been deleted.',
  method_not_allowed: '/predict answers POST, OPTIONS, not GET.',
  request_timeout: 'The request did not arrive in time. Send it again.',
  gone: 'The job was kept until 2026-01-02T09:30:00.000Z. Send the image again.',
  image_too_large: 'POST /predict takes images of up to 4 MiB. POST /uploads gives a form for up to 25 MiB.',
  expectation_failed: 'Expect takes 100-continue only. Leave it out.',
  misdirected:
    'This server does not answer for other.example. Its operator can allow that name with ALLOWED_HOSTS.',
  headers_too_large: 'The headers of a request may have 16 KiB together. Send fewer or shorter ones.',
  unsupported_image:
    'The file is not an image this service reads: send JPEG, PNG, WebP, GIF, AVIF, TIFF, or BMP.',
  corrupt_image: 'The image is damaged or incomplete: send it again or send another one.',
  too_many_pixels:
    'The image is 12000 × 9000 pixels: send one of at most 50 million pixels and 16384 on each side.',
  too_costly: 'Reading the image took more than 5 s of processor time. Save it again as a plain JPEG or PNG.',
  image_missing: 'The image is no longer in storage. Send it again.',
  idempotency_key_reused: 'This Idempotency-Key came with another request before. Take a new one.',
  internal_error: 'This is our fault, not yours. Try again in a moment.',
  gave_up: 'The image could not be classified after several attempts. Send it again later.',
  upload_expired: 'No image arrived before the upload form expired. Ask POST /uploads for a new form.',
  busy: 'Too many requests wait for their labels. Try again in 5 seconds, or send "Prefer: respond-async".',
  storage_full: 'The disk that holds DATA_DIR is full. Free some space; the service then goes on by itself.',
  storage_unwritable:
    'The disk that holds DATA_DIR cannot be written. The service goes on by itself when it can.',
  lost: 'The image was not classified in time. Send it again.',
  unavailable: 'A part of the service does not answer at the moment. Try again in a few seconds.',
};
