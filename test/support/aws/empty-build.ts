import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type BuildNote, buildNoteFile, functionNames, layoutOf } from '../../../infra/assets.ts';

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** CDK's feature flags as cdk.json sets them: with them templates are those that are deployed. */
export const featureFlags = Object.fromEntries(
  Object.entries(
    cdkJson.parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../../cdk.json'), 'utf8'))).context,
  ).filter(([name]) => /[^A-Za-z]/.test(name)),
);

/** Lays into a folder what looks like what `npm run build` makes. */
export function layEmptyBuild(dir: string, model?: BuildNote['model']): string {
  for (const { folder, module } of functionNames.map(layoutOf)) lay(join(dir, folder), `${module}.mjs`, '');
  lay(join(dir, 'layer'), 'empty', '');
  lay(dir, 'Dockerfile', 'FROM scratch\n');
  lay(dir, buildNoteFile, JSON.stringify({ architecture: 'arm64', model }));
  return dir;
}

function lay(folder: string, file: string, content: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), content);
}
