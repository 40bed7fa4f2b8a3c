#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=4
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNewEnough, runByNewerNode } from './newer-node.ts';
import { findProblem } from './platform.ts';

/** The command of the package. Node 20 must be able to read this file; everything else is loaded by Node 24 or newer. */
const modules = ['serve', 'predict', 'backfill', 'results', 'model'] as const;

const help = `Send an image; get its most likely labels.

  label-on-upload serve [flags]        the page and the API, on port 8000 (also without "serve")
  label-on-upload predict FILE ...     labels files and folders
  label-on-upload model check PATH     says what would be served of a model of your own
  label-on-upload backfill ...         labels what is in a bucket or a folder already
  label-on-upload results RUN          joins the results of a backfill
  label-on-upload --version

Each has --help.`;

function choose(given: string | undefined): string | undefined {
  // The server is what most want, and it takes flags only.
  if (given === undefined || given.startsWith('-')) return 'serve';
  return modules.find((name) => name === given);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}

const [, , first] = process.argv;
const name = choose(first);
if (first === '--version') console.log(version());
else if (first === '--help' || first === '-h' || first === 'help') console.log(help);
else if (name === undefined) fail(`There is no command "${first}".\n\n${help}`);
else if (!isNewEnough(process.versions.node))
  runByNewerNode(import.meta.filename, process.argv.slice(2), fail);
else {
  const problem = findProblem(import.meta.dirname);
  if (problem !== undefined) fail(problem);
  if (name === first) process.argv.splice(2, 1);
  await import(new URL(`./${name}.js`, import.meta.url).href);
}
