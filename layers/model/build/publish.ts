import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFacts, ModelLabel } from '../description.ts';
import { modelFiles, readModelFacts } from '../folder.ts';

/** What stands in `model.json`, and the folder that it stands in. */
export interface BuiltModel extends ModelFacts {
  readonly dir: string;
}

/** A folder that was built before, or `undefined`: it gets its name once it is whole. */
export async function readBuilt(dir: string): Promise<BuiltModel | undefined> {
  const found = await stat(join(dir, modelFiles.description)).catch(() => undefined);
  return found && { ...(await readModelFacts(dir)), dir };
}

/** Writes a model folder whole or not at all. */
export async function publish(dir: string, fill: (temporary: string) => Promise<void>): Promise<BuiltModel> {
  await publishFolder(dir, fill);
  const built = await readBuilt(dir);
  if (!built) throw new Error(`The model cannot be written to ${dir}.`);
  return built;
}

/** Writes a folder under a temporary name and renames it. Where two processes do it at once, the first one's stays. */
export async function publishFolder(dir: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${dir}.${randomUUID()}`;
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    await rename(temporary, dir).catch(() => undefined);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Writes everything of a model folder but the network. */
export async function writeFolder(
  dir: string,
  facts: ModelFacts,
  labels: readonly ModelLabel[],
): Promise<void> {
  // Loaded here: it takes longer than everything else, and a start that finds the folder built does not need it.
  const { compileKernel } = await import('./compile-kernel.ts');
  await writeFile(join(dir, modelFiles.labels), JSON.stringify(labels));
  await writeFile(join(dir, modelFiles.jpegKernel), await compileKernel('jpeg'));
  await writeFile(join(dir, modelFiles.resizeKernel), await compileKernel('resize'));
  await writeFile(join(dir, modelFiles.description), JSON.stringify(facts));
}
