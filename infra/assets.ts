import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { modelSchema } from '../layers/model/description.ts';

/** The functions that are the service. */
const serviceFunctions = {
  upload: 'aws/functions/upload.ts',
  status: 'aws/functions/status.ts',
  events: 'aws/functions/events.ts',
  site: 'aws/functions/site.ts',
  classify: 'aws/functions/classify.ts',
  'dead-letter': 'aws/functions/dead-letter.ts',
} as const;
export type ServiceFunctionName = keyof typeof serviceFunctions;

/** The functions that `npm run build` lays under `dist/`, each by the module its Lambda starts with. */
export const entryPoints = {
  ...serviceFunctions,
  canary: 'aws/functions/canary.ts',
  label: 'aws/functions/label.ts',
  'label-give-up': 'aws/functions/label-give-up.ts',
  'release-check': 'aws/functions/release-check.ts',
} as const;
export type FunctionName = keyof typeof entryPoints;
export const functionNames = Object.keys(entryPoints).filter((name): name is FunctionName =>
  Object.hasOwn(entryPoints, name),
);

/** Functions that lie in another one's folder, to share its packages and its container image. */
const guests: Readonly<Partial<Record<string, FunctionName>>> = { label: 'classify' };

/** The folder of a function under `dist/`, and the name of its module there. */
export function layoutOf(name: FunctionName): { readonly folder: FunctionName; readonly module: string } {
  const host = guests[name];
  return host === undefined ? { folder: name, module: 'main' } : { folder: host, module: name };
}

/** Written last by the build: the folder is whole, and which machines its native parts are for. */
export const buildNote = z.strictObject({
  architecture: z.enum(['arm64', 'x86-64']),
  /** A model of a person's own. */
  model: z
    .strictObject({
      needs: modelSchema.shape.needs,
      /** Why it cannot be deployed as a zip with a layer. */
      zipProblem: z.string().optional(),
    })
    .optional(),
});
export type BuildNote = z.infer<typeof buildNote>;
export const buildNoteFile = 'build.json';

/** What was built, by folder. */
export interface BuiltAssets {
  /** The folder of everything. */
  readonly dir: string;
  functionDir(name: FunctionName): string;
  /** The model as a Lambda layer: what Lambda unpacks to `/opt`. */
  readonly layerDir: string;
  /** The model, where it is one of a person's own. */
  readonly model: BuildNote['model'];
}

/**
 * Finds what `npm run build` made.
 * @throws {Error} that says what to run, where there is nothing or it is for another architecture.
 */
export function findAssets(dir: string, architecture: BuildNote['architecture']): BuiltAssets {
  const note = readNote(dir);
  const built = note?.architecture;
  const flag = architecture === 'arm64' ? '' : ` -- --architecture ${architecture}`;
  if (built === undefined) throw new Error(`Nothing is built yet: run "npm run build${flag}" first.`);
  if (built !== architecture) {
    throw new Error(`dist/ is built for ${built}: run "npm run build${flag}", or set architecture=${built}.`);
  }
  const functionDir = (name: FunctionName) => join(dir, layoutOf(name).folder);
  return { dir, functionDir, layerDir: join(dir, 'layer'), model: note?.model };
}

/** What the build wrote of itself; `undefined` where there is no whole build. */
export function readNote(dir: string): BuildNote | undefined {
  try {
    return buildNote.parse(JSON.parse(readFileSync(join(dir, buildNoteFile), 'utf8')));
  } catch {
    return undefined;
  }
}
