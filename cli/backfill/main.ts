import * as z from 'zod';
import { createClients } from '../../aws/clients.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { UsageError } from '../../functions/shared/usage-error.ts';
import { folders } from '../../local/folders.ts';
import { backfillBucket, type Stack, type Terminal } from './bucket.ts';
import { backfillFolder } from './folder.ts';
import { readOptions, usage } from './options.ts';

const stopping = new AbortController();
const terminal: Terminal = {
  say: (line) => console.error(line),
  stderr: process.stderr,
  signal: stopping.signal,
  runsDir: folders.runs,
};

process.on('SIGINT', () => {
  if (stopping.signal.aborted) process.exit(130);
  stopping.abort();
});

/** `npm run backfill -- s3://photos/2026/`: labels what is there already. */
try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else if (options.labels !== undefined && options.source !== undefined)
    process.exitCode = await backfillFolder(options.source, options.labels, terminal, process.env);
  else process.exitCode = await backfillBucket(options, await findStack(), terminal);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** The stack that the environment names. Its `URL`, where that is named too, tells which model it has. */
async function findStack(): Promise<Stack> {
  const schema = z.object({ bucketName: z.string(), dropQueueUrl: z.url(), url: z.url().optional() });
  const { bucketName, dropQueueUrl, url } = readEnvironment(schema, process.env);
  const { s3, sqs } = createClients();
  return { s3, sqs, bucketName, dropQueueUrl, modelDigest: url && (await readModelDigest(url)) };
}

async function readModelDigest(url: string): Promise<string> {
  const response = await fetch(`${url.replace(/\/$/, '')}/health`);
  const health = z.object({ model: z.object({ sha256: z.string() }) });
  return health.parse(await response.json()).model.sha256;
}
