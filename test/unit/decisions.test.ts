import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../docs/decisions');

describe.each(readdirSync(folder))('docs/decisions/%s', (name) => {
  const record = readFileSync(join(folder, name), 'utf8');

  test('has a title and the three sections', () => {
    expect(record).toMatch(/^# \S/);
    expect(record.match(/^## .*$/gm)).toEqual(['## Context', '## Decision', '## Consequences']);
  });

  test('names only files that exist', () => {
    const links = [...record.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => join(folder, link));
    const paths = [...record.matchAll(/`((?:aws|functions|layers|local|test)\/[^` ]+)`/g)];
    const files = [...links, ...paths.map(([, path = '']) => join(folder, '../..', path))];
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
