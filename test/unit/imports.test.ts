import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** Which folder may import which. A path that stands in no row's first column, such as `test`, may import anything. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'layers/model': [],
  'functions/shared': ['layers/model/description.ts'],
  'functions/upload': ['functions/shared'],
  'functions/classify': ['functions/shared', 'layers/model/run'],
  'functions/label': ['functions/shared', 'layers/model/run', 'layers/model/formats.ts'],
  'functions/status': ['functions/shared'],
  'functions/dead-letter': ['functions/shared'],
  'functions/canary': ['functions/shared'],
  'functions/release-check': ['functions/shared'],
  'functions/site': ['functions/shared', 'package.json'],
  aws: ['functions', 'layers/model'],
  local: ['functions', 'layers/model', 'web/build.ts', 'web/docs/build.ts'],
  client: ['functions/site/openapi'],
  cli: ['client', 'local', 'aws', 'layers/model', 'functions/shared', 'functions/label'],
  infra: ['functions/shared', 'aws', 'web/build.ts', 'web/docs/build.ts', 'layers/model'],
  web: ['client'],
  pack: ['functions', 'local', 'layers/model', 'web/build.ts', 'web/docs/build.ts', 'infra/build/bundle.ts'],
};

/** Packages and modules that the functions leave to the adapters. */
const notInFunctions = /^(@aws-sdk\/|@aws-lambda-powertools\/|node:fs|sharp$|onnxruntime-node$)/;

const importOf = /^\s*(?:import|export)\b[^'"]*?from\s+'([^']+)'|\bimport\('([^']+)'\)|^import\s+'([^']+)'/gm;

async function findImports(): Promise<{ file: string; target: string }[]> {
  const found: { file: string; target: string }[] = [];
  for await (const file of glob('{aws,cli,client,functions,infra,layers,local,pack,web}/**/*.ts')) {
    for (const [, from, dynamic, bare] of (await readFile(file, 'utf8')).matchAll(importOf))
      found.push({ file, target: from ?? dynamic ?? bare ?? '' });
  }
  return found;
}

const isIn = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

function complaint({ file, target }: { file: string; target: string }): string[] {
  const folder = Object.keys(mayImport).find((name) => isIn(file, name));
  if (folder === undefined) return [`${file} is in a folder that the table does not name`];
  if (!target.startsWith('.')) {
    return isIn(file, 'functions') && notInFunctions.test(target)
      ? [`${file} imports ${target}: adapters do that`]
      : [];
  }
  const path = join(dirname(file), target);
  const allowed = [folder, ...(mayImport[folder] ?? [])];
  if (allowed.some((name) => isIn(path, name))) return [];
  return [`${file} imports ${relative('.', path)}, but ${folder} may import only ${allowed.join(', ')}`];
}

test('every folder imports only what the table allows', async () => {
  const imports = await findImports();
  expect(imports.length).toBeGreaterThan(500);
  expect(imports.flatMap(complaint)).toEqual([]);
});

test('docs/architecture.md shows the same table', async () => {
  const page = await readFile('docs/architecture.md', 'utf8');
  const names = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const [, folders = ''] = page.split('\n## Folders\n');
  const rows = folders.matchAll(/^\| `([^`]+)` \|[^|]*\| ([^|]*) \|$/gm);
  expect(Object.fromEntries([...rows].map(([, folder, cell = '']) => [folder, names(cell)]))).toEqual(
    mayImport,
  );
});
