import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { inject } from 'vitest';
import * as z from 'zod';
import { createApp } from '../../../infra/service-app.ts';
import { featureFlags, layEmptyBuild } from './empty-build.ts';

type Settings = Readonly<Record<string, unknown>>;

const workspace = inject('workspace');
const dist = layEmptyBuild(mkdtempSync(join(workspace, 'dist-')));
const templates = new Map<string, Template>();

/** The template that a stack of these settings has; what is deployed to its functions does not matter here. */
export function synthesize(settings: Settings = {}): Template {
  const name = JSON.stringify(settings);
  const template = templates.get(name) ?? Template.fromStack(prepare(settings).stack);
  templates.set(name, template);
  return template;
}

/** Synthesizes whole, cdk-nag included. */
export function prepare(settings: Settings = {}): ReturnType<typeof createApp> & { outdir: string } {
  const outdir = mkdtempSync(join(workspace, 'cdk-out-'));
  return { ...createApp(dist, { context: { ...featureFlags, ...settings }, outdir }), outdir };
}

/**
 * The properties of a function, by the name of its construct such as `Classify`: functions have no names of their own.
 * @throws {Error} where the template has not exactly one.
 */
export function functionProperties(template: Template, name: string): Record<string, unknown> {
  const all = Object.entries(template.findResources('AWS::Lambda::Function'));
  const found = all.filter(([id]) => new RegExp(`^(?:Functions)?${name}Function`).test(id));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`There are ${found.length} functions ${name}.`);
  return z.record(z.string(), z.unknown()).parse(only[1].Properties);
}
