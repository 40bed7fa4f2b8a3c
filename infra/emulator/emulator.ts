import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** An AWS emulator, and how a stack is deployed to it and found. */
export interface Emulator {
  readonly name: 'MiniStack' | 'LocalStack';
  /** Where every AWS service answers. */
  readonly endpoint: string;
  /** Where a deployed REST API's stage answers, with a slash at its end. */
  stageUrl(restApiId: string, stage: string): string;
  /** What a stack must be told to run here. */
  readonly settings: Readonly<Record<string, string>>;
}

/** An emulator that this process has started. */
export interface RunningEmulator extends Emulator {
  stop(): Promise<void>;
}

/** What every AWS client needs to talk to an emulator: any credentials, and its address. */
export function emulatorEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
  };
}

/** The account that emulators give everybody, as `cdk bootstrap` names an environment. */
export const emulatorAccount = 'aws://000000000000/us-east-1';

/**
 * Waits until an address answers.
 * @throws {Error} where it has not after `seconds`.
 */
export async function untilAnswering(url: string, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await sleep(100);
  }
  throw new Error(`Nothing answered at ${url} for ${seconds} s.`);
}

/** @throws {Error} where somebody listens on the port already. */
export async function requireFree(port: number): Promise<void> {
  try {
    await freePort(port);
  } catch (cause) {
    throw new Error(`Port ${port} is taken: name another with STACK_PORT.`, { cause });
  }
}
