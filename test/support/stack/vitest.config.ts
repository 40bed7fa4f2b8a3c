import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { reporters } from '../reporters.ts';
import { limitationPattern } from './limitations.ts';

const root = join(import.meta.dirname, '../../..');

/** The black-box suite against the stack at `BASE_URL`, then what only a stack can show. */
export default defineConfig({
  root,
  test: {
    reporters,
    include: ['test/e2e/*.test.ts', 'test/e2e/stack/*.test.ts'],
    globalSetup: 'test/support/e2e/service.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // An emulator runs two functions at a time: suites side by side would only wait for each other.
    fileParallelism: false,
    testNamePattern: limitationPattern(process.env.STACK_EMULATOR),
    provide: { basePath: '' },
  },
});
