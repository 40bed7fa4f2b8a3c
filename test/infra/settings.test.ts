import { RootConstruct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { limits } from '../../functions/shared/limits.ts';
import { findAssets } from '../../infra/assets.ts';
import { readSettings } from '../../infra/settings.ts';

function read(context: Readonly<Record<string, unknown>>, region?: string) {
  const scope = new RootConstruct();
  for (const [name, value] of Object.entries(context)) scope.node.setContext(name, value);
  return readSettings(scope, { region });
}

test('events=true is refused, with the reason, where there are no pipes', () => {
  expect(() => read({ events: true }, 'ca-west-1')).toThrow('no EventBridge Pipes in ca-west-1');
  expect(read({ events: true }, 'eu-central-1').events).toBe(true);
  expect(read({ events: false }, 'ca-west-1').events).toBe(false);
});

describe('settings', () => {
  test('are the limits of the service where nothing is set', () => {
    expect(read({})).toMatchObject({
      retentionSeconds: limits.retentionSeconds,
      visibilitySeconds: limits.visibilitySeconds,
      classifyMemoryMb: 1769,
      classifyTimeoutSeconds: 30,
      maxTries: limits.maxTries,
      packaging: 'container',
      auth: 'none',
      streaming: true,
      events: false,
    });
  });

  test('may come as texts from the command line', () => {
    const context = {
      streaming: 'false',
      maxTries: '3',
      allowedOrigins: 'https://a.example, https://b.example',
    };
    expect(read(context)).toMatchObject({
      streaming: false,
      maxTries: 3,
      allowedOrigins: ['https://a.example', 'https://b.example'],
    });
  });

  test.each([
    [{ architecture: 'x86' }, /^architecture: .*"arm64".*"x86-64"/],
    [{ streaming: 'yes' }, /^streaming: takes true or false/],
    [{ auth: 'token' }, /^auth: .*"none".*"iam".*"key"/],
    [{ logRetentionDays: 8 }, /^logRetentionDays: takes one of 1, 3, 5/],
    [{ allowedOrigins: 'example.org' }, /^allowedOrigins: takes \* or origins/],
    [{ inlineImageBytes: 10_000_000 }, /^inlineImageBytes: /],
    [{ visibilitySeconds: 100 }, /^visibilitySeconds: takes at least 180, six times classifyTimeoutSeconds$/],
    [{ requestsPerSecond: 500 }, /^requestBurst: takes at least requestsPerSecond, 500$/],
    [{ retentionSeconds: 600 }, /^retentionSeconds: takes at least/],
    [{ modelDir: '/somewhere' }, /^modelDir: goes with packaging=zip/],
    [{ stackName: 'Über' }, /^stackName: takes 2 to 24 lower-case letters/],
    [{ alarmEmail: 'nobody' }, /^alarmEmail: /],
    [{ canary: true, auth: 'iam' }, /^canary: goes with auth=none/],
    [{ largeJpegs: 'fast' }, /^largeJpegs: .*"exact".*"shrink"/],
    [{ maxConcurrency: 1 }, /^maxConcurrency: /],
  ])('are refused by name: %j', (context, message) => {
    expect(() => read(context)).toThrow(message);
  });

  test('that do not exist are named too', () => {
    expect(() => read({ streamng: true })).toThrow('streamng: no such setting');
  });
});

test('says in one sentence what to run where nothing is built', () => {
  expect(() => findAssets('/nowhere', 'arm64')).toThrow(
    /^Nothing is built yet: run "npm run build" first\.$/,
  );
});
