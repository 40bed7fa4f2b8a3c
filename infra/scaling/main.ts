/**
 * `npm run scaling`: what the queue's age and a month's cost come to at 10, 100 and 1,000 images a second, for docs/scaling.md, and what a
 * million images cost, for docs/performance.md.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { costTables, head, line } from './table.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '10' } },
});
const options = z
  .object({ seed: z.coerce.number().int(), minutes: z.coerce.number().positive() })
  .parse(values);

const rows = [
  { perSecond: 10, maxConcurrency: 50 },
  { perSecond: 100, maxConcurrency: 50 },
  { perSecond: 1000, maxConcurrency: 50 },
  { perSecond: 1000, maxConcurrency: 150 },
] as const;

console.log([...head, ...rows.map((row) => line(row, options))].join('\n'));
console.log(`\n${costTables().join('\n\n')}`);
