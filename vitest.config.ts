import { defineConfig } from 'vitest/config';
import { reporters } from './test/support/reporters.ts';

/** Tests of one kind: `npm test` runs those that need nothing but npm, the others have scripts of their own. */
const project = (name: string, include: string[], more: object = {}) => ({
  test: { name, include, testTimeout: 30_000, hookTimeout: 60_000, ...more },
});

const endToEnd = (name: string, basePath: string) =>
  project(name, ['test/e2e/*.test.ts'], {
    globalSetup: 'test/support/e2e/service.ts',
    provide: { basePath },
  });

export default defineConfig({
  test: {
    reporters,
    projects: [
      project('unit', ['test/{unit,contract,infra,model}/**/*.test.ts']),
      project('local', ['test/local/*.test.ts'], { testTimeout: 60_000 }),
      endToEnd('e2e', ''),
      endToEnd('e2e-base-path', '/some/prefix'),
      project('browser', ['test/browser/*.test.ts'], { testTimeout: 60_000 }),
      project('runtime', ['test/runtime/*.test.ts'], { testTimeout: 120_000 }),
      project('chaos', ['test/chaos/*.test.ts'], { testTimeout: 600_000 }),
    ],
  },
});
