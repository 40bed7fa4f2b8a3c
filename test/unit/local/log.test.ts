import { describe, expect, test } from 'vitest';
import { createLog, type LogSettings } from '../../../local/log.ts';
import { loggingTelemetry } from '../../../local/telemetry.ts';

function logTo(settings: Partial<LogSettings>) {
  const lines: string[] = [];
  const log = createLog({ logFormat: 'plain', logLevel: 'info', ...settings }, (text) => lines.push(text));
  return { lines, log, telemetry: loggingTelemetry(log) };
}

describe('The log', () => {
  test('as JSON has time, level, message, job and fields of each line', () => {
    const { lines, telemetry } = logTo({ logFormat: 'json' });
    telemetry.forJob('a-job').info('job ended', { outcome: 'succeeded' });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        job: 'a-job',
        outcome: 'succeeded',
        msg: 'job ended',
      },
    ]);
  });

  test('as JSON has the stack of an error on one line', () => {
    const { lines, telemetry } = logTo({ logFormat: 'json' });
    telemetry.error('failed', new Error('no disk'));
    expect(lines.join('').trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      err: { message: 'no disk', stack: expect.any(String) },
    });
  });

  test('for people has the same on a line, numbers with one decimal', () => {
    const { lines, telemetry } = logTo({});
    telemetry.forJob('a-job').info('job ended', { timings: { decode: 3.1234 } });
    expect(lines[0]).toMatch(/^\d{4}-\S+Z info job ended job=a-job timings=\{"decode":3\.1\}\n$/);
  });

  test('for people cannot be made to show a line or a field that is not there', () => {
    const { lines, telemetry } = logTo({});
    const forged = 'x\n2026-01-01T00:00:00.000Z error forged\r\u001b[2J\u0085';
    telemetry.info(forged, { agent: forged, other: 'a status=200' });
    telemetry.error('failed', new Error(forged));
    const shown = lines.join('').trimEnd().split('\n');
    expect(shown.filter((line) => /^\S+Z error forged/.test(line))).toEqual([]);
    expect(lines.join('')).not.toMatch(/[^\n\P{Cc}]/u);
    expect(lines[0]).toContain('other="a status=200"');
  });

  test('leaves out what is below its level', () => {
    const warnings = logTo({ logLevel: 'warn' });
    warnings.telemetry.info('a');
    warnings.telemetry.warn('b');
    const silent = logTo({ logLevel: 'silent' });
    silent.telemetry.error('c', new Error('d'));
    expect([warnings.lines.length, silent.lines.length]).toEqual([1, 0]);
  });
});
