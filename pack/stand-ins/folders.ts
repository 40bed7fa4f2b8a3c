import { join } from 'node:path';
import envPaths from 'env-paths';
import type { folders as inClone } from '../../local/folders.ts';

const { cache, data } = envPaths('label-on-upload', { suffix: '' });

/**
 * Where the installed package keeps what it writes: the folders that the system has for a user's caches and data, such as `~/.cache` and
 * `~/.local/share` (https://specifications.freedesktop.org/basedir-spec/latest/). An update of the package leaves them as they are.
 */
export const folders: typeof inClone = {
  data: join(data, 'jobs'),
  model: join(cache, 'model'),
  runs: join(data, 'backfill'),
};
