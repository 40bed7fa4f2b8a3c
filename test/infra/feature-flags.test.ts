import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { featureFlags } from '../support/aws/empty-build.ts';

const recommended = createRequire(import.meta.url).resolve('aws-cdk-lib/recommended-feature-flags.json');

test("cdk.json sets every feature flag of CDK's to what CDK recommends", () => {
  const flags = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(recommended, 'utf8')));
  expect(Object.keys(flags).length).toBeGreaterThan(50);
  expect(featureFlags).toEqual(flags);
});
