import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { capacityProblem, totalReserved } from '../../infra/capacity.ts';
import { readAccount, settingsOf } from '../../infra/check-account.ts';
import { functionProperties, synthesize } from '../support/aws/synthesize.ts';

const reservationOf = (settings: Readonly<Record<string, unknown>>, name: string) =>
  functionProperties(synthesize(settings), name).ReservedConcurrentExecutions;

describe('reserved concurrency', () => {
  test('keeps for classify what its queue may use, and caps waits and streams each', () => {
    const settings = { maxConcurrency: 30, maxWaits: 40, maxStreams: 20 };
    expect(reservationOf(settings, 'Classify')).toBe(30);
    expect(reservationOf(settings, 'Upload')).toBe(40);
    expect(reservationOf(settings, 'Status')).toBe(40);
    expect(reservationOf(settings, 'Events')).toBe(20);
    expect(reservationOf(settings, 'Site')).toBeUndefined();
  });

  test('is on by itself, and off where it is said to be', () => {
    expect(reservationOf({}, 'Classify')).toBe(50);
    const off = synthesize({ reservedConcurrency: 'off' });
    for (const { Properties } of Object.values(off.findResources('AWS::Lambda::Function'))) {
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  test('has an alarm on each cap that clients can reach, at four fifths of it', () => {
    const template = synthesize({ maxWaits: 50, maxStreams: 10 });
    const thresholds = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
      .filter(({ Properties }) => /-Concurrency-/.test(Properties.AlarmName))
      .map(({ Properties }) => [Properties.AlarmName, Properties.Threshold]);
    expect(Object.fromEntries(thresholds)).toEqual({
      'label-on-upload-Concurrency-upload': 40,
      'label-on-upload-Concurrency-status': 40,
      'label-on-upload-Concurrency-events': 8,
    });
  });
});

describe('npm run check:account', () => {
  const lambda = mockClient(LambdaClient);
  beforeEach(() => lambda.reset());
  const account = (concurrency: number, unreserved: number) =>
    lambda.on(GetAccountSettingsCommand).resolves({
      AccountLimit: {
        ConcurrentExecutions: concurrency,
        UnreservedConcurrentExecutions: unreserved,
      },
    });
  const check = async (...args: string[]) => {
    const settings = settingsOf(args);
    return capacityProblem(settings, await readAccount(new LambdaClient(), settings.stackName));
  };

  test('finds nothing wrong with the default quota', async () => {
    account(1000, 1000);
    expect(await check()).toBeUndefined();
  });

  test('says what to do where a new account has a quota of 10', async () => {
    account(10, 10);
    const problem = await check();
    expect(problem).toContain('reserves 370 concurrent executions, and the account can give 0');
    expect(problem).toContain('-c reservedConcurrency=off');
    expect(await check('-c', 'reservedConcurrency=off')).toBeUndefined();
  });

  test('counts what other functions have reserved, and not what this stack has already', async () => {
    account(1000, 400);
    lambda.on(ListFunctionsCommand).resolves({
      Functions: [
        { FunctionName: 'label-on-upload-FunctionsClassifyFunction0A1B2C3D-x' },
        { FunctionName: 'another-service' },
      ],
    });
    lambda.on(GetFunctionConcurrencyCommand).resolves({ ReservedConcurrentExecutions: 350 });
    const read = await readAccount(new LambdaClient(), 'label-on-upload');
    expect(read).toEqual({ concurrency: 1000, reservedByOthers: 250 });
    expect(lambda.commandCalls(GetFunctionConcurrencyCommand)).toHaveLength(1);
    expect(capacityProblem(settingsOf([]), read)).toBeUndefined();
    expect(capacityProblem(settingsOf([]), { ...read, reservedByOthers: 600 })).toMatch(
      /^The stack reserves/,
    );
  });

  test('leaves the hundred that Lambda keeps unreserved', () => {
    const settings = settingsOf([]);
    const exact = totalReserved(settings) + 100;
    expect(capacityProblem(settings, { concurrency: exact, reservedByOthers: 0 })).toBeUndefined();
    expect(capacityProblem(settings, { concurrency: exact - 1, reservedByOthers: 0 })).toBeDefined();
  });
});
