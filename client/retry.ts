/** Longest time that a service is waited for on its own word, in seconds. */
const longestSeconds = 60;
/** A service that still refuses after so many attempts is taken at its word. */
const attempts = 5;

/** The seconds that `Retry-After` asks for, in either of its forms (RFC 9110, 10.2.3); `undefined` where it says nothing. */
export function readRetryAfter(header: string | null | undefined, now = Date.now()): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(longestSeconds, Math.max(0, seconds));
}

/** Milliseconds to wait for those seconds, and up to half as many more: clients that were refused together should not come back together. */
export function pauseFor(retryAfterSeconds: number): number {
  return retryAfterSeconds * 1000 * (1 + Math.random() / 2);
}

export type Fetch = (request: Request) => Promise<Response>;

/** A `fetch` that comes back when it is asked to: after 429 or 503 with `Retry-After`, which say that nothing was done. */
export function obedient(fetch: Fetch): Fetch {
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(request.clone());
      const seconds = readRetryAfter(response.headers.get('Retry-After'));
      const isRefused = response.status === 429 || response.status === 503;
      if (!isRefused || seconds === undefined || attempt === attempts) return response;
      await pause(pauseFor(seconds), request.signal);
    }
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}
