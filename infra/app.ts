/** What `cdk` runs. */
import { join } from 'node:path';
import { createApp } from './service-app.ts';

try {
  createApp(join(import.meta.dirname, '../dist')).app.synth();
} catch (error) {
  // The person at the terminal needs the sentence, not where in the code it was thrown.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
