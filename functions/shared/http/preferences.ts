import { limits } from '../limits.ts';

/** How long a client wants to wait (RFC 7240, `respond-async` and `wait`), and the value of `Preference-Applied`. */
export interface WaitPreference {
  readonly seconds: number;
  readonly applied: string | undefined;
}

/** Reads `Prefer`. Ignores what it cannot read, as RFC 7240 asks, and shortens a wait beyond the limit. */
export function readWaitPreference(prefer: string | undefined): WaitPreference {
  const preferences = new Map(
    (prefer ?? '').split(',').map((preference) => {
      const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=');
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
    }),
  );
  if (preferences.has('respond-async')) return { seconds: 0, applied: 'respond-async' };
  const wait = preferences.get('wait');
  if (wait === undefined || !/^\d{1,6}$/.test(wait)) {
    return { seconds: limits.defaultWaitSeconds, applied: undefined };
  }
  const seconds = Math.min(Number(wait), limits.maxWaitSeconds);
  return { seconds, applied: `wait=${seconds}` };
}
