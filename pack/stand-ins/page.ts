import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtPage } from '../../functions/site/page.ts';
import type { buildPage as inClone } from '../../web/build.ts';
import { prebuilt } from '../prebuilt.ts';

/** Reads the page that was bundled when the package was made. */
export const buildPage: typeof inClone = async () =>
  builtPage.parse(JSON.parse(await readFile(join(import.meta.dirname, prebuilt.page), 'utf8')));
