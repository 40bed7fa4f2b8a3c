import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** Beside `dist/`, which stays as it is: a stack without a model of its own must not get another stack's. */
export const ownModelDist = join(root, '.cache/dist-model');

/**
 * Builds everything with a model of a person's own, for `cdk … -c model=PATH`: always, since nobody can tell here whether the code has changed.
 * @returns the folder of the build.
 * @throws {Error} where it fails; what is wrong has been printed by then.
 */
export async function buildWith(model: string, architecture: string | undefined): Promise<string> {
  const parts = [
    '--model',
    model,
    '--out',
    ownModelDist,
    ...(architecture ? ['--architecture', architecture] : []),
  ];
  // What CDK prints to its standard output may be a template.
  const child = spawn(process.execPath, [join(root, 'infra/build.ts'), ...parts], {
    stdio: ['ignore', 2, 2],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The service cannot be built with the model ${model}.`);
  return ownModelDist;
}
