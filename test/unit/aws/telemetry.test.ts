import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { observability } from '../../../aws/telemetry/observability.ts';
import { createMetrics, metricNamespace, PowertoolsTelemetry } from '../../../aws/telemetry/telemetry.ts';
import { context } from '../../support/aws/events.ts';

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
  const metrics = createMetrics('classify', 'one-stack');
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
  expect(images).toMatchObject({ Images: 1, outcome: 'succeeded', service: 'classify', stack: 'one-stack' });
  expect(rest).toMatchObject({
    Decode: [12.5, 7.5],
    JobsGivenUp: 1,
    service: 'classify',
    stack: 'one-stack',
  });
  expect(rest).not.toHaveProperty('outcome');
  expect(lines.join()).toContain(`"Namespace":"${metricNamespace}"`);
  // The very dimensions that alarms look a metric up by: one more or less would be another metric.
  expect(dimensionsOf(rest)).toEqual([['service', 'stack']]);
  expect(dimensionsOf(images)).toEqual([['service', 'stack', 'outcome']]);
});

test.each([
  ['a batch of which two messages failed', { batchItemFailures: [{}, {}] }, 2],
  ['an answer with 5xx', { statusCode: 503 }, 1],
  ['an answer with 4xx', { statusCode: 404 }, 0],
  ['a batch that succeeded', { batchItemFailures: [] }, 0],
])("%s counts as failures of the function's version", async (_, answer, failures) => {
  vi.stubEnv('STACK_NAME', 'one-stack');
  await observability('classify').observe(async () => answer)({}, { ...context(), functionVersion: '7' });
  const counted = written().filter((line) => 'Failures' in line);
  expect(counted.map((line) => line.Failures)).toEqual(failures === 0 ? [] : [failures]);
  for (const line of counted) {
    expect(line).toMatchObject({ service: 'classify', stack: 'one-stack', version: '7' });
    expect(dimensionsOf(line)).toEqual([['service', 'stack', 'version']]);
  }
});

test("an error that the handler throws is a failure of the function's version", async () => {
  const fail = () => Promise.reject(new Error('it broke'));
  await expect(observability('classify').observe(fail)({}, context())).rejects.toThrow('it broke');
  expect(written().filter((line) => line.Failures === 1)).toHaveLength(1);
});

const embedded = z.object({
  _aws: z.object({ CloudWatchMetrics: z.tuple([z.object({ Dimensions: z.array(z.array(z.string())) })]) }),
});

function dimensionsOf(line: unknown): string[][] {
  return embedded.parse(line)._aws.CloudWatchMetrics[0].Dimensions;
}
