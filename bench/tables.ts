/** `node bench/tables.ts [FILE]`: the tables of the last run again. */
import { report } from './harness/report.ts';
import { readResults } from './harness/results.ts';

console.log(report(await readResults(process.argv[2])));
