import type { IncomingMessage } from 'node:http';

/** More than this a client may not send in vain: then its connection is cut. */
const vainBytes = 64 * 1024 * 1024;

/** Reads what is left of a request that is already refused: most clients read no answer before they have sent everything. */
export function drain(request: IncomingMessage): Promise<void> {
  let bytes = 0;
  request.unpipe();
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > vainBytes) request.destroy();
  });
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) resolve();
    request.once('close', resolve).once('end', resolve).resume();
  });
}
