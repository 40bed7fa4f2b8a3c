import { mkdtemp, open, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { remembered } from '../../../layers/model/build/own/remembered.ts';

const anHourAgo = new Date(Date.now() - 3_600_000);

describe('What was found out about a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remembered-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A file of a size, written an hour ago by its own account. */
  async function write(name: string, bytes: number, start = ''): Promise<string> {
    const path = join(folder, name);
    await using file = await open(path, 'w');
    await file.truncate(bytes);
    await file.write(start, 0);
    await utimes(path, anHourAgo, anHourAgo);
    return path;
  }

  const finding = () => {
    const find = vi.fn(async () => 'found');
    return { find, ask: (path: string) => remembered(path, join(folder, 'cache'), z.string(), find) };
  };

  test('is not looked for again while a large file is the same', async () => {
    const { find, ask } = finding();
    const path = await write('large', 40 * 2 ** 20);
    expect([await ask(path), await ask(path)]).toEqual(['found', 'found']);
    expect(find).toHaveBeenCalledTimes(1);
  });

  test('is looked for again where the content changes, even if size and time are set to what they were', async () => {
    const { find, ask } = finding();
    const path = await write('changed', 40 * 2 ** 20);
    await ask(path);
    const before = await stat(path);
    await write('changed', 40 * 2 ** 20, 'other weights');
    expect(await stat(path)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs });
    await ask(path);
    expect(find).toHaveBeenCalledTimes(2);
  });

  test('is looked for each time in a small file, and in one that was just written', async () => {
    const { find, ask } = finding();
    const [small, young] = [await write('small', 1000), await write('young', 40 * 2 ** 20)];
    await utimes(young, new Date(), new Date());
    for (const path of [small, small, young, young]) await ask(path);
    expect(find).toHaveBeenCalledTimes(4);
  });
});
