import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { metricNamespace, PowertoolsTelemetry } from '../../../aws/telemetry/telemetry.ts';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  // Powertools writes through the global console only when developing.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  for (const level of ['log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function telemetry() {
  const metrics = new Metrics({ serviceName: 'classify', namespace: metricNamespace });
  return { metrics, telemetry: new PowertoolsTelemetry(new Logger({ serviceName: 'classify' }), metrics) };
}

const written = (): Record<string, unknown>[] =>
  lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));

test("a job's lines carry its id, and no other job's", () => {
  const { telemetry: all } = telemetry();
  const [one, two] = [all.forJob('one'), all.forJob('two')];
  one.info('begun', { attempts: 1 });
  two.warn('slow');
  one.error('failed', new TypeError('what went wrong'));
  all.info('between jobs');
  expect(written()).toMatchObject([
    { level: 'INFO', message: 'begun', jobId: 'one', attempts: 1, service: 'classify' },
    { level: 'WARN', message: 'slow', jobId: 'two' },
    { level: 'ERROR', jobId: 'one', error: { name: 'TypeError', message: 'what went wrong' } },
    { level: 'INFO', message: 'between jobs' },
  ]);
  expect(written()[3]).not.toHaveProperty('jobId');
});

test('metrics are written in the embedded format, a count with dimensions on a line of its own', () => {
  const { telemetry: all, metrics } = telemetry();
  all.milliseconds('Decode', 12.5);
  all.count('Images', { outcome: 'succeeded' });
  all.forJob('one').milliseconds('Decode', 7.5);
  all.count('JobsGivenUp');
  metrics.publishStoredMetrics();
  const [images, rest] = written();
  expect(images).toMatchObject({ Images: 1, outcome: 'succeeded', service: 'classify' });
  expect(rest).toMatchObject({ Decode: [12.5, 7.5], JobsGivenUp: 1, service: 'classify' });
  expect(rest).not.toHaveProperty('outcome');
  expect(lines.join()).toContain(`"Namespace":"${metricNamespace}"`);
});
