import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { inject } from 'vitest';
import * as z from 'zod';
import { buildNoteFile, functionNames, layoutOf } from '../../../infra/assets.ts';
import { createApp } from '../../../infra/service-app.ts';

type Settings = Readonly<Record<string, unknown>>;

const workspace = inject('workspace');
const dist = layEmptyBuild();
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
  return { ...createApp(dist, { context: { ...settings }, outdir }), outdir };
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

/** A folder that looks like what `npm run build` makes. */
function layEmptyBuild(): string {
  const dir = mkdtempSync(join(workspace, 'dist-'));
  for (const { folder, module } of functionNames.map(layoutOf)) lay(join(dir, folder), `${module}.mjs`, '');
  lay(join(dir, 'layer'), 'empty', '');
  lay(dir, 'Dockerfile', 'FROM scratch\n');
  lay(dir, buildNoteFile, JSON.stringify({ architecture: 'arm64' }));
  return dir;
}

function lay(folder: string, file: string, content: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), content);
}
