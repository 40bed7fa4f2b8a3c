import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { Problem } from '../shared/errors.ts';
import type { HttpRequest } from '../shared/http/request.ts';
import type { ServiceSettings } from '../shared/settings.ts';

const howTo = 'Send the image as the multipart part "file", or as the body itself.';
const mebibyte = 1024 * 1024;

type SizeSettings = Pick<ServiceSettings, 'inlineImageBytes' | 'uploadedImageBytes'>;

/**
 * The image a request carries: the part `file` of `multipart/form-data` (RFC 7578), or else the body.
 * @throws {Problem} `no_file_part`, `no_selected_file`, `empty_file`, `invalid_body`, `image_too_large`.
 */
export async function readImage(request: HttpRequest, sizes: SizeSettings): Promise<Buffer> {
  const contentType = request.header('Content-Type') ?? '';
  const multipart = /^multipart\/form-data\b/i.test(contentType);
  const image = multipart ? await readFilePart(request.body, contentType) : request.body;
  if (image.length > sizes.inlineImageBytes) throw tooLarge(sizes);
  if (image.length > 0) return image;
  if (multipart) throw new Problem('empty_file', 'Choose a file with an image in it.');
  throw new Problem('no_file_part', howTo);
}

function tooLarge({ inlineImageBytes, uploadedImageBytes }: SizeSettings): Problem {
  const [inline, uploaded] = [inlineImageBytes / mebibyte, uploadedImageBytes / mebibyte];
  const detail = `POST /predict takes images of up to ${inline} MiB. POST /uploads gives a form for up to ${uploaded} MiB.`;
  return new Problem('image_too_large', detail);
}

interface FilePart {
  readonly filename: string | undefined;
  readonly content: Promise<Buffer>;
}

async function readFilePart(body: Buffer, contentType: string): Promise<Buffer> {
  const part = await findFilePart(body, contentType);
  if (part === undefined) throw new Problem('no_file_part', howTo);
  if (part.filename === '') throw new Problem('no_selected_file', 'Choose a file before sending.');
  return part.content;
}

/** The first part named `file` that has a file name, an empty one included. */
function findFilePart(body: Buffer, contentType: string): Promise<FilePart | undefined> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new Problem('invalid_body', 'The multipart body is cut short or its boundary is wrong.', { cause }),
      );
    let part: FilePart | undefined;
    try {
      const parser = new Busboy({ headers: { 'content-type': contentType } });
      parser.on('file', (name, stream, filename) => {
        stream.on('error', fail);
        if (name === 'file' && part === undefined) {
          part = { filename, content: collect(stream) };
          part.content.catch(fail);
        } else {
          stream.resume();
        }
      });
      parser.on('error', fail);
      parser.on('finish', () => resolve(part));
      parser.end(body);
    } catch (cause) {
      fail(cause);
    }
  });
}

/**
 * What a part's stream brings. The parser hands out views of the body it was given, one behind the other: then so is the whole,
 * and nothing is copied.
 */
async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(stream);
  const [first] = chunks;
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  return first && areContiguous(chunks)
    ? Buffer.from(first.buffer, first.byteOffset, bytes)
    : Buffer.concat(chunks, bytes);
}

function areContiguous(chunks: readonly Buffer[]): boolean {
  return chunks.every((chunk, index) => {
    const before = chunks[index - 1];
    if (before === undefined) return true;
    return chunk.buffer === before.buffer && chunk.byteOffset === before.byteOffset + before.length;
  });
}
