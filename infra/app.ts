/** What `cdk` runs. */
import { join } from 'node:path';
import { findRunbookUrl } from './runbook.ts';
import { createApp } from './service-app.ts';

try {
  // What cdk.json or the command line says comes after, and wins.
  const runbookUrl = findRunbookUrl(process.env);
  createApp(join(import.meta.dirname, '../dist'), { context: { runbookUrl: runbookUrl ?? '' } }).app.synth();
} catch (error) {
  // The person at the terminal needs the sentence, not where in the code it was thrown.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
