import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { objectCreatedMessage } from '../../functions/shared/object-event.ts';
import type { JobQueue } from '../../functions/shared/ports.ts';
import { type FormGrant, FormRefusal, type FormSigner } from '../stores/form-signer.ts';
import type { LocalImageStore } from '../stores/image-store.ts';
import { drain } from './drain.ts';

export interface StorageParts {
  readonly forms: FormSigner;
  readonly images: LocalImageStore;
  readonly queue: JobQueue;
  /** Keeps what was written, before the client is told so. */
  readonly commit: () => void;
}

const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Max-Age': '3000',
};

/**
 * Object storage's side of an upload form: checks it, stores the image, tells the queue. Refuses in S3's words and XML
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html).
 */
export async function serveStorage(request: IncomingMessage, response: ServerResponse, parts: StorageParts) {
  if (request.method === 'OPTIONS') {
    response.writeHead(200, cors).end();
    return;
  }
  try {
    if (request.method !== 'POST') {
      throw new FormRefusal(
        405,
        'MethodNotAllowed',
        'The specified method is not allowed against this resource.',
      );
    }
    await receiveForm(request, parts);
    parts.commit();
    response.writeHead(204, cors).end();
  } catch (error) {
    const refusal =
      error instanceof FormRefusal ? error : new FormRefusal(500, 'InternalError', 'Please try again.');
    if (refusal !== error) console.error('upload failed', error);
    await drain(request);
    response.writeHead(refusal.status, { ...cors, 'Content-Type': 'application/xml' });
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${refusal.code}</Code><Message>${escapeXml(refusal.message)}</Message></Error>`,
    );
  }
}

/** Reads the fields, then the file that must come last. */
function receiveForm(request: IncomingMessage, parts: StorageParts): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(error instanceof FormRefusal ? error : malformed());
    const fields: Record<string, string> = {};
    let stored: Promise<void> | undefined;
    try {
      const parser = new Busboy({
        headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
      });
      parser.on('field', (name, value) => {
        fields[name] = value;
      });
      parser.on('file', (name, file) => {
        file.on('error', fail);
        if (name !== 'file' || stored !== undefined) return void file.resume();
        stored = storeImage(fields, file, parts);
        stored.then(resolve, (error: unknown) => {
          file.resume();
          reject(error);
        });
      });
      parser.on('error', fail);
      parser.on('finish', () => stored ?? fail(undefined));
      request.on('aborted', () => parser.destroy(malformed()));
      request.pipe(parser);
    } catch (error) {
      fail(error);
    }
  });
}

async function storeImage(fields: Record<string, string>, file: Readable, parts: StorageParts) {
  const grant = parts.forms.check(fields, new Date());
  await parts.images.putStream(grant.key, withinSize(file, grant));
  await parts.queue.send(objectCreatedMessage(grant.key));
}

async function* withinSize(file: Readable, { minBytes, maxBytes }: FormGrant) {
  let bytes = 0;
  // The rest of a file that is too large is still to be read, for the client reads no answer before it has sent it.
  for await (const chunk of file.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new FormRefusal(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
    }
    yield chunk;
  }
  if (bytes < minBytes) {
    throw new FormRefusal(
      400,
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
    );
  }
}

function malformed(): FormRefusal {
  const message = 'The body of your POST request is not well-formed multipart/form-data.';
  return new FormRefusal(400, 'MalformedPOSTRequest', message);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
