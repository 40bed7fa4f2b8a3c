import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { durationText } from '../../../cli/predict/duration.ts';
import { findFiles } from '../../../cli/predict/files.ts';
import { inOrder } from '../../../cli/predict/in-order.ts';
import { type Options, readOptions } from '../../../cli/predict/options.ts';
import { createFormatter } from '../../../cli/predict/output.ts';
import { Progress } from '../../../cli/predict/progress.ts';
import type { FileResult } from '../../../cli/predict/result.ts';
import { readWritten } from '../../../cli/predict/resume.ts';
import { UsageError } from '../../../functions/shared/usage-error.ts';
import { temporaryFolder } from '../../support/local/server-process.ts';

function options(args: readonly string[], environment = {}): Options {
  const read = readOptions(args, environment);
  if (read === undefined) throw new Error('The command was called for help.');
  return read;
}

describe('The options', () => {
  test('name a server by flag or by environment; otherwise files are classified here', () => {
    const server = (args: string[], environment = {}) => options([...args, 'a.jpg'], environment).server;
    const environment = { PREDICT_SERVER: 'http://one.example' };
    expect(server([])).toBeUndefined();
    expect(server([], environment)).toBe('http://one.example');
    expect(server(['--server', 'http://two.example'], environment)).toBe('http://two.example');
    expect(server(['--in-process'], environment)).toBeUndefined();
  });

  test('take the format from a flag, else from the name of the output file', () => {
    const format = (...args: string[]) => options([...args, 'a.jpg']).format;
    expect(format()).toBe('table');
    expect(format('-o', 'labels.CSV')).toBe('csv');
    expect(format('-o', 'labels.csv', '--jsonl')).toBe('jsonl');
  });

  test.each([
    [[], 'Name at least one'],
    [['--top', '21', 'a.jpg'], '--top must be a whole number from 1 to 20'],
    [['--large-jpegs', 'fast', 'a.jpg'], '--large-jpegs must be exact or shrink'],
    [['--min-score', '2', 'a.jpg'], '--min-score must be a number from 0 to 1'],
    [['--server', 'ftp://x', 'a.jpg'], '--server must be an address'],
    [['--no-such-flag', 'a.jpg'], 'no-such-flag'],
    [['--csv', '--json', 'a.jpg'], 'Choose one of'],
    [['--resume', 'a.jpg'], '--resume needs --output'],
    [['--resume', '-o', 'labels.txt', 'a.jpg'], '--resume needs --json'],
    [['-0', 'a.jpg'], '-0 needs -'],
  ])('that are wrong say so and how to call: %j', (args, words) => {
    expect(() => readOptions(args, {})).toThrow(words);
    expect(() => readOptions(args, {})).toThrow('npm run predict -- ');
  });

  test('ask for help', () => {
    expect(readOptions(['--help'], {})).toBeUndefined();
  });
});

describe('The files', () => {
  const find = async (args: readonly string[], input = '') => {
    const { names, total } = await findFiles(options(args), Readable.from([Buffer.from(input)]));
    return { names: await Array.fromAsync(names), total };
  };

  test('are those named, the images below folders, and what a pattern matches', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'below'));
    for (const name of ['b.jpg', 'notes.txt', 'below/a.PNG']) await writeFile(join(folder.path, name), '');
    const { names, total } = await find([
      join(folder.path, 'notes.txt'),
      folder.path,
      join(folder.path, '*.jpg'),
    ]);
    expect(names.map((path) => path.slice(folder.path.length + 1))).toEqual([
      'notes.txt',
      'b.jpg',
      'below/a.PNG',
      'b.jpg',
    ]);
    expect(total).toBe(4);
  });

  test('in hidden folders are left out unless they are asked for, and links to folders are not followed', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, '.thumbnails'));
    await writeFile(join(folder.path, '.thumbnails', 'a.jpg'), '');
    await symlink(folder.path, join(folder.path, 'loop'));
    expect((await find([folder.path])).names).toEqual([]);
    expect((await find(['--hidden', folder.path])).names).toEqual([
      join(folder.path, '.thumbnails', 'a.jpg'),
    ]);
  });

  test('may be named on standard input, by line or ended by a NUL byte', async () => {
    expect(await find(['-'], 'a.jpg\r\nb c.jpg\n\nd.jpg')).toEqual({
      names: ['a.jpg', 'b c.jpg', 'd.jpg'],
      total: undefined,
    });
    expect((await find(['-0', '-'], 'a\nb.jpg\0c.jpg\0')).names).toEqual(['a\nb.jpg', 'c.jpg']);
  });

  test('that are not there are a mistake', async () => {
    await expect(find(['/no/such/file.jpg'])).rejects.toThrow('There is no file or folder');
  });
});

describe('Work in order', () => {
  test('is done at most so much at once, and comes out as it went in', async () => {
    let [underWay, most] = [0, 0];
    const work = async (item: number) => {
      most = Math.max(most, ++underWay);
      await sleep(10 - item);
      underWay--;
      return item;
    };
    const results: number[] = [];
    for await (const result of inOrder([0, 1, 2, 3, 4, 5, 6, 7], { size: 3 }, work)) results.push(result);
    expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test('comes out while the next item is waited for', async () => {
    const rest = Promise.withResolvers<void>();
    async function* items() {
      yield* [0, 1];
      await rest.promise;
      yield 2;
    }
    const results = inOrder(items(), { size: 8 }, async (item) => item);
    expect([await results.next(), await results.next()].map(({ value }) => value)).toEqual([0, 1]);
    rest.resolve();
    expect([await results.next(), await results.next()].map(({ value }) => value)).toEqual([2, undefined]);
  });

  test('ends early without losing what is under way', async () => {
    const stopping = new AbortController();
    const bothBegun = Promise.withResolvers<void>();
    const work = async (item: number) => {
      if (item === 1) bothBegun.resolve();
      await bothBegun.promise;
      return item;
    };
    const results: number[] = [];
    for await (const result of inOrder([0, 1, 2, 3, 4, 5], { size: 2, signal: stopping.signal }, work)) {
      results.push(result);
      stopping.abort();
    }
    expect(results).toEqual([0, 1]);
  });

  test('ends with the first failure in turn', async () => {
    const work = async (item: number) => {
      if (item === 1) throw new Error('gone');
      return item;
    };
    const results: number[] = [];
    const all = async () => {
      for await (const result of inOrder([0, 1, 2], { size: 3 }, work)) results.push(result);
    };
    await expect(all()).rejects.toThrow('gone');
    expect(results).toEqual([0]);
  });
});

const labels = [{ label: 'Labrador_retriever', score: 0.854 }];
const results: FileResult[] = [
  { file: 'a,b.jpg', labels },
  { file: '-c.txt', error: { code: 'unsupported_image', detail: 'Send an image.' } },
];

function write(args: readonly string[]): string {
  const formatter = createFormatter(options([...args, 'x']));
  return (
    formatter.start + results.map((result, at) => formatter.result(result, at === 0)).join('') + formatter.end
  );
}

describe('The output', () => {
  test('is JSON as a whole, or on each line', () => {
    expect(JSON.parse(write(['--json']))).toEqual(results);
    const lines = write(['--jsonl']).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(results);
  });

  test('is CSV with a column for each label asked for, and one for errors', () => {
    expect(write(['--csv', '--top', '2']).split('\r\n')).toEqual([
      'file,label_1,score_1,label_2,score_2,error',
      '"a,b.jpg",Labrador_retriever,0.854,,,',
      "'-c.txt,,,,,unsupported_image: Send an image.",
      '',
    ]);
  });

  test('is a table for people', () => {
    expect(write([]).split('\n')).toEqual([
      expect.stringMatching(/^a,b\.jpg {36}85\.4% Labrador retriever$/),
      expect.stringMatching(/^-c\.txt {36}unsupported_image: Send an image\.$/),
      '',
    ]);
  });
});

describe('An output file', () => {
  test.each(['json', 'jsonl', 'csv'] as const)(
    'of %s that was cut off anywhere is known up to its last whole record',
    async (format) => {
      await using folder = await temporaryFolder();
      const path = join(folder.path, 'labels');
      const whole = write([`--${format}`]);
      const { start, result, end } = createFormatter(options([`--${format}`, 'x']));
      const least = format === 'jsonl' ? 1 : start.length + 1;
      for (let length = least; length <= whole.length; length++) {
        await writeFile(path, whole);
        await truncate(path, length);
        const { done, bytes } = await readWritten(path, format, start).catch((error: unknown) => {
          // Nothing but part of the first record of a file without a header.
          expect(error).toBeInstanceOf(UsageError);
          expect(format).toBe('jsonl');
          return { done: new Set<string>(), bytes: 0 };
        });
        const kept = (await readFile(path)).subarray(0, bytes).toString();
        const left = results.filter(({ file }) => !done.has(file));
        const rest = left.map((item, at) => result(item, done.size + at === 0)).join('');
        expect(kept + rest + end).toBe(whole);
      }
    },
  );

  test('with other columns is refused', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'labels.csv');
    await writeFile(path, write(['--csv', '--top', '2']));
    const { start } = createFormatter(options(['--csv', 'x']));
    await expect(readWritten(path, 'csv', start)).rejects.toThrow('name another file');
  });
});

describe('Progress', () => {
  const terminal = () => {
    const drawn: string[] = [];
    return { drawn, output: { isTTY: true, write: (text: string) => drawn.push(text) } };
  };

  test('is drawn at most ten times a second, and not at all into a pipe', () => {
    const { drawn, output } = terminal();
    const progress = new Progress(output, 1000);
    for (let at = 0; at < 1000; at++) progress.add(at === 5);
    expect(drawn.length).toBeLessThan(100);
    expect(progress.line()).toMatch(/█{24} 1,000, 1 failed, .* a second of 1,000, 0\.0 s left/);
    const piped: string[] = [];
    new Progress({ write: (text) => piped.push(text) }, 1000).add(false);
    expect(piped).toEqual([]);
  });

  test('ends in a sentence', () => {
    const progress = new Progress({ write: () => {} }, undefined);
    progress.add(true);
    expect(progress.summary()).toMatch(/^1 file in 0\.0 s \(.* a second\), 1 failed\.$/);
  });

  test.each([
    [0.84, '0.8 s'],
    [42.4, '42 s'],
    [185, '3 min 05 s'],
    [7799, '2 h 10 min'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
