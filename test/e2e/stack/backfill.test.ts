import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, inject, test } from 'vitest';
import { listObjects } from '../../../cli/backfill/listing.ts';
import { runFolder } from '../../../functions/label/run-part.ts';
import { temporaryFolder } from '../../support/local/server-process.ts';
import { drawJpeg } from '../../support/pictures/images.ts';
import { clients, deployed, requireDeployed } from '../../support/stack/deployed.ts';

/** `BACKFILL_OBJECTS=5000` is worth a run before a release; fewer show the same in less time. */
const objects = Number(process.env.BACKFILL_OBJECTS || 150);
const minutes = 60_000;

/** Runs a command of `cli/backfill` against the deployed stack. */
function run(script: string, parts: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const { bucket, dropQueueUrl } = requireDeployed();
  const path = join(import.meta.dirname, '../../../cli/backfill', script);
  const env = {
    ...process.env,
    BUCKET_NAME: bucket,
    DROP_QUEUE_URL: dropQueueUrl,
    URL: inject('baseUrl'),
  };
  const options = { env, maxBuffer: 64 * 2 ** 20 };
  return promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path, ...parts],
    options,
  );
}

describe.runIf(deployed)('a backfill of a bucket', () => {
  test('labels each of its images once, and its results are what DuckDB reads', {
    timeout: 10 * minutes,
  }, async () => {
    const Bucket = `photos-${Date.now()}`;
    const image = await drawJpeg();
    await clients.s3.send(new CreateBucketCommand({ Bucket }));
    const keys = Array.from({ length: objects }, (_, at) => `2026/${String(at).padStart(5, '0')}.jpg`);
    for (let at = 0; at < keys.length; at += 50) {
      const puts = keys
        .slice(at, at + 50)
        .map((Key) => clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: image })));
      await Promise.all(puts);
    }
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: '2026/damaged.jpg', Body: 'not an image' }));
    const { code, stderr } = await run('main.ts', ['--yes', `s3://${Bucket}/2026/`]).catch((error) => error);
    expect(stderr).toContain(`${(objects + 1).toLocaleString('en')} files`);
    expect(code).toBe(1);
    const [, name = ''] = /npm run results -- (\S+)/.exec(stderr) ?? [];

    const { stdout } = await run('results.ts', [name, '--jsonl']);
    const results: { file: string; error?: object }[] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const files = [...keys, '2026/damaged.jpg'].map((key) => `s3://${Bucket}/${key}`);
    expect(results.map(({ file }) => file).sort()).toEqual(files.sort());
    expect(results.filter(({ error }) => error !== undefined)).toHaveLength(1);

    const again = await run('main.ts', ['--dry-run', `s3://${Bucket}/2026/`]);
    expect(again.stderr).toContain(`${objects.toLocaleString('en')} have labels already.`);
    await expectQueries(name);
  });
});

/** Runs the queries of docs/own-bucket.md, where a Python with duckdb and pandas is named. */
async function expectQueries(name: string): Promise<void> {
  const { DUCKDB_PYTHON: python } = process.env;
  if (python === undefined) return;
  await using folder = await temporaryFolder();
  const { bucket } = requireDeployed();
  for await (const { key } of listObjects(clients.s3, { bucket, prefix: `${runFolder(name)}part-` })) {
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    await writeFile(
      join(folder.path, key.split('/').at(-1) ?? ''),
      (await Body?.transformToByteArray()) ?? '',
    );
  }
  const page = await readFile('docs/own-bucket.md', 'utf8');
  const query =
    /```sql\n-- DuckDB\n([\s\S]*?);?\n```/.exec(page)?.[1]?.replace('s3://BUCKET/labels/runs/RUN/', '') ?? '';
  const duckdb = `import duckdb\nprint(len(duckdb.sql("""${query.trim().replace(/;$/, '')}""").fetchall()))`;
  const counted = await promisify(execFile)(python, ['-c', duckdb], { cwd: folder.path });
  expect(Number(counted.stdout)).toBe(objects);
  const pandas = /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { stdout } = await promisify(execFile)(python, ['-c', pandas], { cwd: folder.path });
  expect(stdout).toMatch(new RegExp(`\\b${objects}\\b`));
}
