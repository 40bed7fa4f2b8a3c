import { setTimeout as sleep } from 'node:timers/promises';

/** Names of errors that say that credentials have run out; whoever started the command can renew them meanwhile. */
const expired = [
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'RequestExpired',
  'CredentialsProviderError',
  'TokenProviderError',
];
/** Errors that a wait repairs. The SDK has repeated the call a few times already. */
const passing = [
  'Throttling',
  'ThrottlingException',
  'SlowDown',
  'RequestThrottled',
  'ServiceUnavailable',
  'InternalError',
  'TimeoutError',
];
const networkErrors = ['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE'];

export interface Patience {
  readonly say: (line: string) => void;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

const usual: Patience = { say: console.error, wait: (milliseconds) => sleep(milliseconds) };

/** Waits for as long as it takes where a call is throttled, the network is away or credentials have expired. */
export async function patiently<T>(call: () => Promise<T>, { say, wait }: Patience = usual): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const reason = reasonToWait(error);
      if (reason === undefined) throw error;
      const seconds = Math.min(2 ** attempt, 30);
      say(`${reason} Trying again in ${seconds} s.`);
      await wait(seconds * 1000);
    }
  }
}

function reasonToWait(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (expired.includes(error.name)) return 'The AWS credentials have expired: renew them.';
  if (passing.includes(error.name)) return `AWS asks to slow down (${error.name}).`;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return networkErrors.includes(code) ? `AWS cannot be reached (${code}).` : undefined;
}
