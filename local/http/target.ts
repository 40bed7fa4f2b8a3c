import type { IncomingMessage } from 'node:http';
import { Problem } from '../../functions/shared/errors.ts';

/** What a request is for. */
export interface Target {
  readonly url: URL;
  /** Host and port as the client named them; an HTTP/1.0 client may name none. */
  readonly authority: string | undefined;
}

/**
 * Reads the request target in the forms of RFC 9112, 3.2: a path, or an absolute address, whose host then counts instead of `Host`.
 * @throws {Problem} `malformed_request` where it is neither, or where `Host` is missing.
 */
export function readTarget({ url: target = '/', headers, httpVersion }: IncomingMessage): Target {
  if (headers.host === undefined && httpVersion === '1.1')
    throw new Problem('malformed_request', 'A request of HTTP/1.1 needs the header Host.');
  if (target === '*') return { url: new URL('http://localhost/'), authority: headers.host };
  if (target.startsWith('/')) return { url: parse(`http://localhost${target}`), authority: headers.host };
  const url = parse(target);
  if (!/^https?:$/.test(url.protocol)) throw unreadable();
  return { url, authority: url.host };
}

function parse(address: string): URL {
  if (!URL.canParse(address)) throw unreadable();
  return new URL(address);
}

function unreadable(): Problem {
  return new Problem('malformed_request', 'The address of the request cannot be read.');
}
