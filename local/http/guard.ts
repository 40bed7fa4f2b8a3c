import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { Problem } from '../../functions/shared/errors.ts';
import type { LocalSettings } from '../settings.ts';

export type GuardSettings = Pick<
  LocalSettings,
  'host' | 'publicUrl' | 'allowedHosts' | 'allowedOrigins' | 'apiKey'
>;

/** A request as far as it matters for whether it is answered at all. */
export interface Caller {
  /** Host and port as the client named them; `undefined` where an HTTP/1.0 client named none. */
  readonly authority: string | undefined;
  /** Whether this address needs no key: what tells nothing, and what has a permission of its own. */
  readonly isOpen: boolean;
  readonly request: IncomingMessage;
}

/**
 * Decides who may use the server, by headers alone. A page of another site can make a browser send requests to an address of the user's own
 * machine or network, so that listening on loopback is no protection by itself.
 * https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header
 */
export class Guard {
  readonly #names: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #keyDigest: Buffer | undefined;

  constructor({ host, publicUrl, allowedHosts, allowedOrigins, apiKey }: GuardSettings) {
    const publicNames = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
    const publicOrigins = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
    this.#names = new Set([host, ...publicNames, ...allowedHosts].map((name) => name.toLowerCase()));
    this.#origins = new Set([...publicOrigins, ...allowedOrigins]);
    this.#keyDigest = apiKey === undefined ? undefined : digest(apiKey);
  }

  /** @throws {Problem} `misdirected`, `cross_site`, `unauthorized`. */
  check({ request, authority, isOpen }: Caller): void {
    if (authority !== undefined && !this.#knowsHost(authority)) throw misdirected(authority);
    const { origin } = request.headers;
    if (origin !== undefined && !this.#admits(origin, authority)) throw crossSite(`Pages of ${origin}`);
    if (origin === undefined && isCrossSite(request) && !this.#origins.has('*'))
      throw crossSite('Pages of other sites');
    if (!isOpen && request.method !== 'OPTIONS') this.#checkKey(request);
  }

  /** Names that a page could have had changed to this machine's address (DNS rebinding) are not answered for. */
  #knowsHost(authority: string): boolean {
    const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@\\[\]]+))(?::\d+)?$/i.exec(authority);
    if (match === null) return false;
    const name = (match[1] ?? match[2] ?? '').toLowerCase().replace(/\.$/, '');
    const isLocal = name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0;
    return isLocal || this.#names.has(name) || this.#names.has('*');
  }

  #admits(origin: string, authority: string | undefined): boolean {
    if (this.#origins.has('*') || this.#origins.has(origin)) return true;
    return authority !== undefined && isOriginOf(origin, authority);
  }

  #checkKey({ headers }: IncomingMessage): void {
    if (this.#keyDigest === undefined) return;
    const given = keyOf(headers.authorization) ?? headers['x-api-key'];
    if (typeof given === 'string' && timingSafeEqual(digest(given), this.#keyDigest)) return;
    const detail = 'Send the key as "Authorization: Bearer KEY" or "X-Api-Key: KEY".';
    // A browser asks its user for the key by this, and sends it with all the page does.
    const challenge = { 'WWW-Authenticate': 'Basic realm="Any user name, and the API key as password"' };
    throw new Problem('unauthorized', detail, { headers: challenge });
  }
}

/** Somebody else's page as it loads or posts; a person who follows a link to the page is no such thing. */
function isCrossSite({ method, headers }: IncomingMessage): boolean {
  if (headers['sec-fetch-site'] !== 'cross-site') return false;
  const isVisit = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return !(isVisit && (method === 'GET' || method === 'HEAD'));
}

/** A port that the scheme implies is left out of one and may stand in the other. */
function isOriginOf(origin: string, authority: string): boolean {
  const scheme = /^https?:/.exec(origin)?.[0];
  const own = `${scheme}//${authority}`;
  return scheme !== undefined && URL.canParse(own) && new URL(own).origin === origin;
}

function keyOf(authorization: string | undefined): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  return Buffer.from(value, 'base64')
    .toString()
    .replace(/^[^:]*:/, '');
}

/** Digests have one length, so that comparing them tells nothing about the key's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function misdirected(authority: string): Problem {
  const detail = `This server does not answer for ${authority.slice(0, 200)}. Its operator can allow that name with ALLOWED_HOSTS.`;
  return new Problem('misdirected', detail);
}

function crossSite(who: string): Problem {
  const detail = `${who} may not use this server. Its operator can allow them with ALLOWED_ORIGINS.`;
  return new Problem('cross_site', detail);
}
