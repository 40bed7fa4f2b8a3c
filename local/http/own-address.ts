import { AsyncLocalStorage } from 'node:async_hooks';

const host = new AsyncLocalStorage<string | undefined>();

/** Runs what answers a request, and remembers by which host name and port the client reached this server. */
export function withHost<T>(name: string | undefined, answer: () => T): T {
  return host.run(name, answer);
}

/**
 * An address of this server as the client of the request under way reaches it: a container or another machine may know it by
 * another name and port than it listens on. `url` is what holds where no request says otherwise.
 */
export function ownAddress(url: string): string {
  const address = new URL(url);
  address.host = host.getStore() ?? address.host;
  return address.href;
}
