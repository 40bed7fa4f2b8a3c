import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Modules that differ in the package, by the one that a clone has. */
const standIns: Readonly<Record<string, string>> = {
  'functions/shared/command.ts': 'command.ts',
  'local/folders.ts': 'folders.ts',
  'layers/model/build/builder-digest.ts': 'builder-digest.ts',
  'layers/model/build/compile-kernel.ts': 'compile-kernel.ts',
  'web/build.ts': 'page.ts',
  'web/docs/build.ts': 'docs.ts',
};

/** ONNX Runtime as it lies in the package, from the folder of the compiled code. */
const runtime = './onnxruntime/dist/index.js';

/** Replaces modules by those of the package, and ONNX Runtime by the copy that it brings. */
export function replaceModules(root: string): Plugin {
  const byPath = new Map(Object.entries(standIns).map(([from, to]) => [join(root, from), to]));
  return {
    name: 'replace modules',
    setup(build) {
      build.onResolve({ filter: /^onnxruntime-node$/ }, () => ({ path: runtime, external: true }));
      build.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir }) => {
        const standIn = byPath.get(join(resolveDir, path));
        return standIn === undefined ? undefined : { path: join(root, 'pack/stand-ins', standIn) };
      });
    },
  };
}
