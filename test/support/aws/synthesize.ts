import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { buildNoteFile, entryPoints } from '../../../infra/assets.ts';
import { createApp } from '../../../infra/service-app.ts';

type Settings = Readonly<Record<string, unknown>>;

const workspace = mkdtempSync(join(tmpdir(), 'synthesized-'));
afterAll(() => rmSync(workspace, { recursive: true }));

const dist = layEmptyBuild();

/** The template that a stack of these settings has; what is deployed to its functions does not matter here. */
export function synthesize(settings: Settings = {}): Template {
  return Template.fromStack(prepare(settings).stack);
}

/** Synthesizes whole, cdk-nag included. */
export function prepare(settings: Settings = {}): ReturnType<typeof createApp> & { outdir: string } {
  const outdir = mkdtempSync(join(workspace, 'cdk-out-'));
  return { ...createApp(dist, { context: { ...settings }, outdir }), outdir };
}

/** A folder that looks like what `npm run build` makes. */
function layEmptyBuild(): string {
  const dir = mkdtempSync(join(workspace, 'dist-'));
  for (const name of Object.keys(entryPoints)) lay(join(dir, name), 'main.mjs', '');
  lay(join(dir, 'layer'), 'empty', '');
  lay(dir, 'Dockerfile', 'FROM scratch\n');
  lay(dir, buildNoteFile, JSON.stringify({ architecture: 'arm64' }));
  return dir;
}

function lay(folder: string, file: string, content: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), content);
}
