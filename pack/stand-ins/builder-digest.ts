import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { sha256OfBuilder as inClone } from '../../layers/model/build/builder-digest.ts';
import { prebuilt } from '../prebuilt.ts';

/** The digest of the sources that the package was compiled from: a clone and the package build the same model from the same weights. */
export const sha256OfBuilder: typeof inClone = () =>
  readFile(join(import.meta.dirname, prebuilt.builderDigest), 'utf8');
