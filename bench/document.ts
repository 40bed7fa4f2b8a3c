/**
 * `node bench/document.ts`: puts the figures of the last runs between the comments `<!-- bench: NAME -->` and `<!-- end -->` of
 * docs/performance.md, and draws docs/performance.svg. All other text stays.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { fillPlaces } from './harness/places.ts';
import { partsOf } from './harness/report.ts';
import { readResults } from './harness/results.ts';
import { cacheDir, inRepository } from './harness/settings.ts';
import { plot } from './plot.ts';

const file = inRepository('docs/performance.md');
const results = await readResults();
// None where test/runtime/measure.ts has not been run.
const lambda = await readFile(join(cacheDir, 'lambda-parts.json'), 'utf8').catch(() => '{}');
const parts = { ...partsOf(results), ...z.record(z.string(), z.string()).parse(JSON.parse(lambda)) };
await writeFile(file, fillPlaces(await readFile(file, 'utf8'), parts));
await writeFile(inRepository('docs/performance.svg'), plot(results));
