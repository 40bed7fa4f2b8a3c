import type { Emulator } from './emulator.ts';
import { startLocalStack } from './localstack.ts';
import { startMiniStack } from './ministack.ts';

/** Starts the emulator that `STACK` names: `ministack` (without Docker, the default) or `localstack` (in Docker). */
export function startEmulator(port: number): Promise<Emulator> {
  const name = process.env.STACK || 'ministack';
  if (name === 'ministack') return startMiniStack(port);
  if (name === 'localstack') return startLocalStack(port);
  throw new Error(`STACK: takes ministack or localstack, not ${name}.`);
}
