import { defineConfig } from 'vitest/config';
import { reporters } from './test/support/reporters.ts';

/** Tests of one kind: `npm test` runs those that need nothing but npm, the others have scripts of their own. */
const project = (name: string, include: string[], more: object = {}) => ({
  test: { name, include, testTimeout: 30_000, hookTimeout: 60_000, ...more },
});

/** The same for files that leave nothing behind: they share a process, and so load the AWS SDK and the CDK once. */
const shared = (name: string, include: string[], more: object = {}) =>
  project(name, include, { isolate: false, ...more });

/** Simulations, searches with random inputs, and tests that wait for real processes: too slow to run again at each change. */
const slow = [
  'test/unit/cli/backfill.test.ts',
  'test/unit/functions/retries.test.ts',
  'test/unit/local/process-usage.test.ts',
  'test/unit/model/jpeg-decoder.test.ts',
];

/** The black-box suite against a local server of its own. */
const endToEnd = (name: string, { basePath = '', jsonEvents = false } = {}) =>
  project(name, ['test/e2e/*.test.ts'], {
    globalSetup: 'test/support/e2e/service.ts',
    provide: { basePath, jsonEvents },
  });

export default defineConfig({
  test: {
    reporters,
    projects: [
      project('unit', ['test/unit/**/*.test.ts'], { exclude: slow }),
      project('slow', slow),
      shared('contract', ['test/contract/*.test.ts']),
      shared('infra', ['test/infra/*.test.ts'], { globalSetup: 'test/support/aws/workspace.ts' }),
      project('model', ['test/model/*.test.ts']),
      project('local', ['test/local/*.test.ts'], { testTimeout: 60_000 }),
      endToEnd('e2e'),
      endToEnd('e2e-base-path', { basePath: '/some/prefix' }),
      endToEnd('e2e-base64', { jsonEvents: true }),
      project('browser', ['test/browser/*.test.ts'], { testTimeout: 60_000 }),
      project('clients', ['test/clients/*.test.ts'], { testTimeout: 120_000 }),
      project('package', ['test/package/*.test.ts'], { testTimeout: 120_000, hookTimeout: 180_000 }),
      project('runtime', ['test/runtime/*.test.ts'], { testTimeout: 120_000 }),
      project('large', ['test/large/*.test.ts'], { testTimeout: 120_000 }),
      project('python', ['test/python/*.test.ts'], { testTimeout: 170_000, hookTimeout: 180_000 }),
      project('hostile', ['test/hostile/*.test.ts'], { testTimeout: 600_000 }),
      project('chaos', ['test/chaos/*.test.ts'], { testTimeout: 600_000 }),
    ],
  },
});
