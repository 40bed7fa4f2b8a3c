/**
 * `node bench/document.ts`: puts the figures of the last runs into docs/performance.md. A paragraph or a table that begins as one of the
 * reports does is replaced by it; everything else stays as somebody wrote it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { report } from './harness/report.ts';
import { readResults } from './harness/results.ts';
import { cacheDir, inRepository } from './harness/settings.ts';

const file = inRepository('docs/performance.md');
const lambdaReport = await readFile(join(cacheDir, 'lambda.md'), 'utf8').catch(() => '');
const fresh = new Map(
  blocksOf(`${report(await readResults())}\n\n${lambdaReport}`).map((block) => [keyOf(block), block]),
);
const document = blocksOf(await readFile(file, 'utf8'));
const replaced = document.filter((block) => fresh.has(keyOf(block)));
await writeFile(file, `${document.map((block) => fresh.get(keyOf(block)) ?? block).join('\n\n')}\n`);
console.log(`${replaced.length} of ${fresh.size} tables and lines are in ${file}.`);

function blocksOf(text: string): string[] {
  return text.trim().split(/\n{2,}/);
}

/** A table's head without its columns of peers, or a line's first words. */
function keyOf(block: string): string {
  const [head = ''] = block.split('\n');
  return head.startsWith('|') ? head.split('|').slice(1, 2).join() : head.split(' ').slice(0, 3).join(' ');
}
