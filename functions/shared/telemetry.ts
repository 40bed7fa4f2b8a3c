import type { Telemetry } from './ports.ts';

/** Names of the metrics the functions write; alarms and the dashboard read the same. */
export const metrics = {
  images: 'Images',
  createdToEnded: 'CreatedToEnded',
  decode: 'Decode',
  network: 'Network',
  jobsGivenUp: 'JobsGivenUp',
} as const;

/** Telemetry that goes nowhere, for tests and tools. */
export const silentTelemetry: Telemetry = {
  forJob: () => silentTelemetry,
  info: () => {},
  warn: () => {},
  error: () => {},
  count: () => {},
  milliseconds: () => {},
};
