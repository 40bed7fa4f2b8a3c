/** Where the kernels' AssemblyScript sources are, from this folder; each may import others beside it. */
export const kernelSources = {
  jpeg: '../jpeg/kernel/index.ts',
  resize: '../kernels/resize.ts',
} as const;

export type KernelName = keyof typeof kernelSources;
