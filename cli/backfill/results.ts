import { parseArgs } from 'node:util';
import * as z from 'zod';
import { s3Client } from '../../aws/clients.ts';
import { decodePart, runFolder } from '../../functions/label/run-part.ts';
import { command } from '../../functions/shared/command.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { UsageError } from '../../functions/shared/usage-error.ts';
import { createFormatter } from '../predict/output.ts';
import { chooseLabels } from '../predict/result.ts';
import { Writer } from '../predict/writer.ts';
import { readAll } from './labelled.ts';

const usage = `${command('results', 'RUN [--csv | --json | --jsonl] [--top N] [-o FILE]')}

Joins the results of a backfill. BUCKET_NAME names the stack's bucket.`;

/** `npm run results -- RUN --csv`: the labels of a run, one after the other. */
try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      csv: { type: 'boolean' },
      json: { type: 'boolean' },
      jsonl: { type: 'boolean' },
      top: { type: 'string', default: '3' },
      output: { type: 'string', short: 'o' },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const [run, ...more] = positionals;
  const top = z.coerce.number().int().min(1).max(20).safeParse(values.top);
  if (run === undefined || more.length > 0 || !top.success) throw new UsageError(usage);
  const { bucketName: bucket } = readEnvironment(z.object({ bucketName: z.string() }), process.env);
  const format = values.json ? 'json' : values.csv ? 'csv' : values.jsonl ? 'jsonl' : 'table';
  const formatter = createFormatter({ format, top: top.data });
  const writer =
    values.output === undefined ? Writer.toStandardOutput() : await Writer.toFile(values.output, 0);
  await writer.write(formatter.start);
  let isFirst = true;
  for await (const bytes of readAll(s3Client(), { bucket, prefix: `${runFolder(run)}part-` }, '.ndjson.gz')) {
    for (const { object, predictions, error } of decodePart(bytes)) {
      const file = `s3://${object.bucket}/${object.key}`;
      const labels = predictions && chooseLabels(predictions, { top: top.data, minScore: 0 });
      const result = { file, ...(labels && { labels }), ...(error && { error }) };
      await writer.write(formatter.result(result, isFirst));
      isFirst = false;
    }
  }
  if (isFirst) throw new UsageError(`There is no run ${run}, or it has no results yet.`);
  await writer.write(formatter.end);
  await writer.close();
}
