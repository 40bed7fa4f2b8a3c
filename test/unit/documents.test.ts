import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { usage as backfillUsage } from '../../cli/backfill/options.ts';
import { usage as predictUsage } from '../../cli/predict/options.ts';
import { usage as serveUsage } from '../../local/settings.ts';

const manifest = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile('package.json', 'utf8')));

const documents = await Array.fromAsync(
  glob(['*.md', '{docs,bench,layers}/**/*.md'], { exclude: (path) => path.includes('node_modules') }),
  async (file) => ({ file, text: await readFile(file, 'utf8') }),
);

/** Headings as GitHub makes anchors of them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What follows a command on its line, up to the next command or the end of the code. */
const called = (text: string, command: string) =>
  [...text.matchAll(new RegExp(`${command} ([^\`\\n|&;#]*)`, 'g'))].map(([, args = '']) => args);

const flagsIn = (args: readonly string[]) =>
  new Set(args.flatMap((text) => [...text.matchAll(/(?<=\s|^)--[a-z][\w-]*/g)].map(([flag]) => flag)));

describe.each(documents)('$file', ({ file, text }) => {
  test('names no script that is not there', () => {
    const named = [...text.matchAll(/\bnpm run (?:-s |--silent )?([a-z][\w:-]*)/g)].map(
      ([, name = '']) => name,
    );
    expect(named.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
  });

  test('links to files and headings that are there', async () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
    for (const [link, path = '', anchor] of links) {
      const target = path === '' ? file : join(dirname(file), path);
      expect(existsSync(target), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(await readFile(target, 'utf8')), link).toContain(anchor);
    }
  });

  test.each([
    ['(?:npm start --|label-on-upload serve)', serveUsage()],
    ['(?:npm run predict --|label-on-upload predict)', predictUsage],
    ['(?:npm run backfill --|label-on-upload backfill)', backfillUsage],
  ])('calls %s with flags that it has', (command, usage) => {
    const known = new Set([...usage.matchAll(/--[a-z][\w-]*/g)].map(([flag]) => flag)).add('--help');
    expect([...flagsIn(called(text, command))].filter((flag) => !known.has(flag))).toEqual([]);
  });
});
