import type { Telemetry } from '../functions/shared/ports.ts';

/** Telemetry as lines for the person at the terminal: time, level, message, then fields, the job's id first. */
export function consoleTelemetry(fields: Readonly<Record<string, unknown>> = {}): Telemetry {
  const write = (level: string, message: string, more: Readonly<Record<string, unknown>> = {}) => {
    const pairs = Object.entries({ ...fields, ...more }).filter(([, value]) => value !== undefined);
    const text = pairs.map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value, rounded)}`,
    );
    process.stderr.write(`${new Date().toISOString()} ${level} ${[message, ...text].join(' ')}\n`);
  };
  return {
    forJob: (id) => consoleTelemetry({ ...fields, job: id }),
    info: (message, more) => write('info', message, more),
    warn: (message, more) => write('warn', message, more),
    error: (message, error) => write('error', message, { cause: describe(error) }),
    count: () => {},
    milliseconds: () => {},
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}
