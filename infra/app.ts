/** What `cdk` runs. */
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { buildWith } from './build/own-model.ts';
import { findRunbookUrl } from './runbook.ts';
import { createApp } from './service-app.ts';

try {
  const context = z
    .object({ model: z.string().optional(), architecture: z.string().optional() })
    .parse(new App({ autoSynth: false }).node.getAllContext());
  const dist = context.model
    ? await buildWith(context.model, context.architecture)
    : join(import.meta.dirname, '../dist');
  // What cdk.json or the command line says comes after, and wins.
  const runbookUrl = findRunbookUrl(process.env);
  createApp(dist, { context: { runbookUrl: runbookUrl ?? '' } }).app.synth();
} catch (error) {
  // The person at the terminal needs the sentence, not where in the code it was thrown.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
