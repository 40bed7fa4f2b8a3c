import { Problem } from '../shared/errors.ts';
import type { HttpRequest } from '../shared/http/request.ts';
import { base64Start, predictRequest } from '../shared/http/schemas.ts';
import type { ServiceSettings } from '../shared/settings.ts';
import { type FormPart, readForm } from './form.ts';

const mebibyte = 1024 * 1024;

type SizeSettings = Pick<ServiceSettings, 'inlineImageBytes' | 'uploadedImageBytes'>;

/**
 * The image a request carries: the part `file` of `multipart/form-data` (RFC 7578), `image` of a JSON object in base64, or else the body.
 * @throws {Problem} `invalid_parameter`, `no_file_part`, `several_files`, `no_selected_file`, `empty_file`, `invalid_body`, `image_too_large`.
 */
export function readImage(request: HttpRequest, sizes: SizeSettings): Buffer {
  const contentType = request.header('Content-Type') ?? '';
  const multipart = /^multipart\/form-data\b/i.test(contentType);
  const image = multipart ? readFilePart(request.body, contentType) : readBody(request.body, contentType);
  if (image.length > sizes.inlineImageBytes) throw tooLarge(sizes, request);
  if (image.length > 0) return image;
  if (multipart) throw new Problem('empty_file');
  throw new Problem('no_file_part');
}

function readBody(body: Buffer, contentType: string): Buffer {
  if (body.length === 0 || !isJson(body, contentType)) return body;
  const result = predictRequest.safeParse(parseJson(body.toString()));
  if (!result.success) throw new Problem('invalid_parameter', `image: ${result.error.issues[0]?.message}`);
  const { image } = result.data;
  return Buffer.from(image.slice(base64Start(image)), 'base64');
}

/** No image begins with a brace: clients that forget the type of their JSON are understood. */
function isJson(body: Buffer, contentType: string): boolean {
  return body[0] === '{'.charCodeAt(0) || /^application\/(.+\+)?json\b/i.test(contentType);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('invalid_body', 'Send JSON such as {"image": "…"}, the image in base64.', { cause });
  }
}

function tooLarge({ inlineImageBytes, uploadedImageBytes }: SizeSettings, { address }: HttpRequest): Problem {
  const [inline, uploaded] = [inlineImageBytes / mebibyte, uploadedImageBytes / mebibyte];
  const detail =
    uploaded > inline
      ? `POST /predict takes images of up to ${inline} MiB. Send one of up to ${uploaded} MiB by POST /uploads: ${twoSteps(address)}`
      : `An image may have up to ${inline} MiB. Send a smaller one.`;
  return new Problem('image_too_large', detail);
}

/** A command for a shell with curl and jq. It has no double quotes and no backslashes, so that it can be copied out of JSON. */
function twoSteps(address: string): string {
  const ask = `jq -n --arg t image/jpeg '{contentType:$t}' | curl -s -H Content-Type:application/json -d @- ${address}uploads > form.json`;
  const filter = '.upload|(.fields|to_entries[]|$f+.key+$e+.value),$u+.url';
  const send = `jq -r --arg f form-string= --arg e = --arg u url= '${filter}' form.json | curl -sf -K - -F file=@photo.jpg`;
  const see = `curl -sG -d wait=20 ${address}$(jq -r .statusUrl form.json)`;
  return [ask, send, see].join(' && ');
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
