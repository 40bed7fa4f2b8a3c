/** Where the kernels' AssemblyScript sources are, from this folder. */
export const kernelSources = {
  jpeg: '../jpeg/kernel.ts',
  resize: '../kernels/resize.ts',
} as const;

export type KernelName = keyof typeof kernelSources;
