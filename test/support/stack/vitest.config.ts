import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { reporters } from '../reporters.ts';
import { limitationPattern } from './limitations.ts';

const root = join(import.meta.dirname, '../../..');

const blackBox = ['test/e2e/*.test.ts', 'test/e2e/stack/*.test.ts'];

/** The black-box suite against the stack at `BASE_URL`, then what only a stack can show; of one with the model `STACK_MODEL` its scores. */
export default defineConfig({
  root,
  test: {
    reporters,
    include: process.env.STACK_MODEL ? ['test/e2e/own-model/*.test.ts'] : blackBox,
    globalSetup: 'test/support/e2e/service.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // An emulator runs two functions at a time: suites side by side would only wait for each other.
    fileParallelism: false,
    testNamePattern: limitationPattern(process.env.STACK_EMULATOR),
    provide: { basePath: '' },
  },
});
