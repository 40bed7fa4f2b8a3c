import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findFiles } from '../../../cli/predict/files.ts';
import { inOrder } from '../../../cli/predict/in-order.ts';
import { readOptions } from '../../../cli/predict/options.ts';
import { createFormatter } from '../../../cli/predict/output.ts';
import { temporaryFolder } from '../../support/local-server.ts';

describe('The options', () => {
  it('name a server by flag, by environment, or the local one', () => {
    const server = (args: string[], environment = {}) => readOptions([...args, 'a.jpg'], environment).server;
    expect(server([])).toBe('http://127.0.0.1:8000');
    expect(server([], { PREDICT_SERVER: 'http://one.example' })).toBe('http://one.example');
    expect(server(['--server', 'http://two.example'], { PREDICT_SERVER: 'x' })).toBe('http://two.example');
  });

  it.each([
    [[], 'Name at least one'],
    [['--top', '21', 'a.jpg'], '--top takes'],
    [['--server', 'ftp://x', 'a.jpg'], '--server takes'],
    [['--no-such-flag', 'a.jpg'], 'no-such-flag'],
  ])('that are wrong say so and how to call: %j', (args, words) => {
    expect(() => readOptions(args, {})).toThrow(words);
    expect(() => readOptions(args, {})).toThrow('npm run predict -- ');
  });
});

describe('The files', () => {
  it('are those named, the images below folders, and what a pattern matches', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'below'));
    for (const name of ['b.jpg', 'notes.txt', 'below/a.PNG']) await writeFile(join(folder.path, name), '');
    const found = await findFiles([join(folder.path, 'notes.txt'), folder.path, join(folder.path, '*.jpg')]);
    const names = found.map((path) => path.slice(folder.path.length + 1));
    expect(names).toEqual(['notes.txt', 'b.jpg', 'below/a.PNG', 'b.jpg']);
  });

  it('that are not there are a mistake', async () => {
    await expect(findFiles(['/no/such/file.jpg'])).rejects.toThrow('There is no file or folder');
  });
});

describe('Work in order', () => {
  it('is done at most so much at once, and comes out as it went in', async () => {
    let [underWay, most] = [0, 0];
    const work = async (item: number) => {
      most = Math.max(most, ++underWay);
      await sleep(10 - item);
      underWay--;
      return item;
    };
    const results: number[] = [];
    for await (const result of inOrder([0, 1, 2, 3, 4, 5, 6, 7], 3, work)) results.push(result);
    expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('ends with the first failure in turn', async () => {
    const work = async (item: number) => {
      if (item === 1) throw new Error('gone');
      return item;
    };
    const results: number[] = [];
    const all = async () => {
      for await (const result of inOrder([0, 1, 2], 3, work)) results.push(result);
    };
    await expect(all()).rejects.toThrow('gone');
    expect(results).toEqual([0]);
  });
});

describe('The output', () => {
  const labels = [{ label: 'Labrador_retriever', score: 0.854 }];
  const results = [
    { file: 'a,b.jpg', labels },
    { file: 'c.txt', error: { code: 'unsupported_image', detail: 'Send an image.' } },
  ];
  const write = (args: string[]) => {
    const options = readOptions([...args, 'x'], {});
    const formatter = createFormatter(
      options,
      results.map(({ file }) => file),
    );
    return (
      formatter.start +
      results.map((result, at) => formatter.result(result, at === 0)).join('') +
      formatter.end
    );
  };

  it('is JSON as a whole', () => {
    expect(JSON.parse(write(['--json']))).toEqual(results);
  });

  it('is CSV with a column for each label asked for', () => {
    expect(write(['--csv', '--top', '2']).split('\r\n')).toEqual([
      'file,label_1,score_1,label_2,score_2',
      '"a,b.jpg",Labrador_retriever,0.854,,',
      'c.txt,,,,',
      '',
    ]);
  });

  it('is a table for people', () => {
    expect(write([])).toBe(
      'a,b.jpg   85.4% Labrador retriever\nc.txt    unsupported_image: Send an image.\n',
    );
  });
});
