import type { Emulator, RunningEmulator } from './emulator.ts';
import { localStackAt, startLocalStack } from './localstack.ts';
import { miniStackAt, startMiniStack } from './ministack.ts';

/**
 * Starts the emulator that `STACK` names: `ministack` (without Docker, the default) or `localstack` (in Docker, always on port 4566).
 */
export function startEmulator(port: number): Promise<RunningEmulator> {
  const name = process.env.STACK || 'ministack';
  if (name === 'ministack') return startMiniStack(port);
  if (name === 'localstack') return startLocalStack();
  throw new Error(`STACK: takes ministack or localstack, not ${name}.`);
}

/** One that another process has started. */
export function emulatorAt(name: string, endpoint: string): Emulator {
  return name === 'LocalStack' ? localStackAt(endpoint) : miniStackAt(endpoint);
}
