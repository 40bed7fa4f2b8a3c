import type { KernelName } from '../layers/model/build/kernel-sources.ts';

/** What is made when the package is, from the package's folder of code. */
export const prebuilt = {
  page: 'page.json',
  docs: 'docs.json',
  builderDigest: 'builder.sha256',
  kernel: (name: KernelName) => `${name}.wasm`,
};
