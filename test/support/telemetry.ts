import type { Telemetry } from '../../functions/shared/ports.ts';

/** Telemetry that goes nowhere. */
export const silentTelemetry: Telemetry = {
  forJob: () => silentTelemetry,
  info: () => {},
  warn: () => {},
  error: () => {},
  count: () => {},
  milliseconds: () => {},
};
