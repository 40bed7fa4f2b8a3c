import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { Problem } from '../../functions/shared/errors.ts';
import { objectCreatedMessage } from '../../functions/shared/object-event.ts';
import type { JobQueue } from '../../functions/shared/ports.ts';
import { log } from '../log.ts';
import { type FormGrant, FormRefusal, type FormSigner } from '../stores/form-signer.ts';
import type { LocalImageStore } from '../stores/image-store.ts';
import { drain } from './drain.ts';

export interface StorageParts {
  readonly forms: FormSigner;
  readonly images: LocalImageStore;
  readonly queue: JobQueue;
  /** Begins a request's writes; what it returns keeps them, before the client is told so. */
  readonly begin: () => () => void;
}

const preflight = {
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
    response.writeHead(200, response.hasHeader('Access-Control-Allow-Origin') ? preflight : {}).end();
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
    parts.images.requireRoom(Number(request.headers['content-length'] ?? 0));
    const keep = parts.begin();
    if (request.headers.expect !== undefined) response.writeContinue();
    await receiveForm(request, parts);
    keep();
    response.writeHead(204).end();
  } catch (error) {
    await drain(request);
    const { status, code, message } = toRefusal(error);
    const headers = { 'Content-Type': 'application/xml', ...(status === 503 && { 'Retry-After': '30' }) };
    response.writeHead(status, headers);
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`,
    );
  }
}

/** A disk that takes no writes is the only problem of ours that storage has a word for. */
function toRefusal(error: unknown): FormRefusal {
  if (error instanceof FormRefusal) return error;
  if (error instanceof Problem) return new FormRefusal(503, 'ServiceUnavailable', error.detail);
  log.error({ err: error }, 'upload failed');
  return new FormRefusal(500, 'InternalError', 'Please try again.');
}

/** Reads the fields, then the file that must come last. */
function receiveForm(request: IncomingMessage, parts: StorageParts): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(error instanceof FormRefusal ? error : malformed());
    const fields: Record<string, string> = {};
    let stored: Promise<void> | undefined;
    let incoming: Readable | undefined;
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
        incoming = file;
        stored = storeImage(fields, file, parts);
        stored.then(resolve, (error: unknown) => {
          file.resume();
          reject(error);
        });
      });
      parser.on('error', fail);
      parser.on('finish', () => stored ?? fail(undefined));
      request.once('close', () => {
        if (request.complete) return;
        // Nothing tells the parser, nor it the file, that no more will come: whoever writes the file has to hear it from here.
        incoming?.destroy(malformed());
        fail(undefined);
      });
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
