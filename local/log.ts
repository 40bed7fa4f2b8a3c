import { type Logger, pino } from 'pino';
import { plainLine } from './plain-line.ts';

export type { Logger } from 'pino';

export const logFormats = ['plain', 'json'] as const;
export const logLevels = ['info', 'warn', 'error', 'silent'] as const;

export interface LogSettings {
  readonly logFormat: (typeof logFormats)[number];
  readonly logLevel: (typeof logLevels)[number];
}

/** A log of lines: JSON for programs, plain for the person at the terminal. Both are one pino logger, so they say the same. */
export function createLog(
  { logFormat, logLevel }: LogSettings,
  write: (text: string) => void = (text) => process.stderr.write(text),
): Logger {
  const options = {
    level: logLevel,
    // Whoever collects lines adds where they come from.
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, { write: logFormat === 'json' ? write : (line: string) => write(plainLine(line)) });
}

let format: LogSettings['logFormat'] = 'plain';

/** The log of this process, as `console` is one. `configureLog` says how it is written. */
export let log: Logger = createLog({ logFormat: 'plain', logLevel: 'info' });

export function configureLog(settings: LogSettings): void {
  format = settings.logFormat;
  log = createLog(settings);
}

/** Says something to the person who has started this, on standard output; where programs read the log, it is a line of it. */
export function say(text: string): void {
  if (format === 'json') log.info(text);
  else console.log(text);
}
