import { join } from 'node:path';
import { build } from 'esbuild';

/** Packages with native parts: they stay packages, in a `node_modules` beside the bundle. */
const external = ['sharp', 'onnxruntime-node'];

/** CommonJS modules inside an ES module still ask for `require` and for where they are. */
export const requireBanner = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { dirname as __dirnameOf } from 'node:path';",
  "import { fileURLToPath as __pathOf } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __pathOf(import.meta.url);',
  'const __dirname = __dirnameOf(__filename);',
].join('\n');

/** Bundles a function, the AWS SDK included, to a module in its folder. */
export async function bundle(entryPoint: string, outdir: string, module: string): Promise<void> {
  await build({
    entryPoints: [entryPoint],
    outfile: join(outdir, `${module}.mjs`),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules become smaller, because esbuild leaves out what is not imported.
    mainFields: ['module', 'main'],
    external,
    banner: { js: requireBanner },
    loader: { '.html': 'text', '.css': 'text' },
    minify: true,
    // A stack trace in the log names functions, and by the source map files and lines of this repository.
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'linked',
    logLevel: 'warning',
  });
}
