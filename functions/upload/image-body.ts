import { Problem } from '../shared/errors.ts';
import type { HttpRequest } from '../shared/http/request.ts';
import type { ServiceSettings } from '../shared/settings.ts';
import { type FormPart, readForm } from './form.ts';

const mebibyte = 1024 * 1024;

type SizeSettings = Pick<ServiceSettings, 'inlineImageBytes' | 'uploadedImageBytes'>;

/**
 * The image a request carries: the part `file` of `multipart/form-data` (RFC 7578), or else the body.
 * @throws {Problem} `no_file_part`, `several_files`, `no_selected_file`, `empty_file`, `invalid_body`, `image_too_large`.
 */
export function readImage(request: HttpRequest, sizes: SizeSettings): Buffer {
  const contentType = request.header('Content-Type') ?? '';
  const multipart = /^multipart\/form-data\b/i.test(contentType);
  const image = multipart ? readFilePart(request.body, contentType) : request.body;
  if (image.length > sizes.inlineImageBytes) throw tooLarge(sizes);
  if (image.length > 0) return image;
  if (multipart) throw new Problem('empty_file');
  throw new Problem('no_file_part');
}

function tooLarge({ inlineImageBytes, uploadedImageBytes }: SizeSettings): Problem {
  const [inline, uploaded] = [inlineImageBytes / mebibyte, uploadedImageBytes / mebibyte];
  const detail = `POST /predict takes images of up to ${inline} MiB. POST /uploads gives a form for up to ${uploaded} MiB.`;
  return new Problem('image_too_large', detail);
}

/** The part named `file` that has a file name, an empty one included. */
function readFilePart(body: Buffer, contentType: string): Buffer {
  const [part, ...more] = findFileParts(body, contentType);
  if (part === undefined) throw new Problem('no_file_part');
  if (more.length > 0) {
    const detail = `The form has ${more.length + 1} parts named "file". Send one image with each request.`;
    throw new Problem('several_files', detail);
  }
  if (part.filename === '') throw new Problem('no_selected_file');
  return part.content;
}

/** Reads the whole form: one that is cut short after its file is not taken for good. */
function findFileParts(body: Buffer, contentType: string): FormPart[] {
  try {
    return [...readForm(body, contentType)].filter(
      ({ name, filename, type }) =>
        name === 'file' && (filename !== undefined || type === 'application/octet-stream'),
    );
  } catch (cause) {
    throw new Problem('invalid_body', 'The multipart body is cut short or its boundary is wrong.', { cause });
  }
}
