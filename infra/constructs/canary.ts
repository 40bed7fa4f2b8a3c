import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { BuiltAssets } from '../assets.ts';
import type { StackSettings } from '../settings.ts';
import { period } from './metrics.ts';
import { ServiceFunction } from './service-function.ts';

export interface CanaryProps {
  readonly settings: StackSettings;
  readonly assets: BuiltAssets;
  /** Where the service answers, with a slash at its end. */
  readonly url: string;
}

/** An answer that takes longer is a failure: two functions start cold within it. */
const slowSeconds = 10;

/** Sends a picture every five minutes and checks the answer's label and the time it took. */
export class Canary extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, { settings, assets, url }: CanaryProps) {
    super(scope, id);
    const canary = new ServiceFunction(this, 'Canary', {
      settings,
      assets,
      name: 'canary',
      packaging: 'zip',
      memoryMb: settings.httpMemoryMb,
      timeoutSeconds: 30,
      environment: { URL: url, SLOW_MILLISECONDS: String(slowSeconds * 1000) },
    });
    const schedule = new Rule(this, 'Schedule', {
      schedule: Schedule.rate(period),
      // A picture that is late by a period tells nothing that the next one does not.
      targets: [new FunctionTarget(canary.lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    this.lambda = canary.lambda;
    const nothingToKeep = 'A failure is its result, and has an alarm: there is nothing to keep.';
    acknowledge(canary, { 'Serverless-LambdaDLQ': nothingToKeep });
    acknowledge(schedule, { 'Serverless-EventBusDLQ': nothingToKeep });
  }
}
