import type { Telemetry } from '../functions/shared/ports.ts';
import { type Logger, log } from './log.ts';

/** Telemetry as lines of the log, each with the id of its job. Counts and times are for `Metrics`. */
export function loggingTelemetry(to: Logger = log): Telemetry {
  return {
    forJob: (id) => loggingTelemetry(to.child({ job: id })),
    info: (message, fields) => to.info(fields ?? {}, message),
    warn: (message, fields) => to.warn(fields ?? {}, message),
    error: (message, error) => to.error({ err: asError(error) }, message),
    count: () => {},
    milliseconds: () => {},
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
