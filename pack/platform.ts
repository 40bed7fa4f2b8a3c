import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** ONNX Runtime's libraries, one folder for each platform and in it one for each processor. */
export const runtimeFolder = join('onnxruntime', 'bin', 'napi-v6');

/** What is wrong where the package was made for another platform than this one; `undefined` where all is well. */
export function findProblem(lib: string): string | undefined {
  const here = join(process.platform, process.arch);
  if (existsSync(join(lib, runtimeFolder, here, 'onnxruntime_binding.node'))) return undefined;
  const found = readdirSync(join(lib, runtimeFolder)).flatMap((platform) =>
    readdirSync(join(lib, runtimeFolder, platform)).map((cpu) => `${platform}-${cpu}`),
  );
  return `This package was made for ${found.join(', ')}, and this is ${process.platform}-${process.arch}. Make one here: "npm ci && npm pack".`;
}
