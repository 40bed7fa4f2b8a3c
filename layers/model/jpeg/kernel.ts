import * as z from 'zod';
import { kernelFunction, kernelMemory } from '../run/kernel.ts';

/** An exported constant. */
const constant = z.object({ value: z.number() }).transform(({ value }) => value);

/** The module's exports; `layers/model/jpeg/kernel` says what they take. */
export const jpegKernelSchema = z.object({
  memory: kernelMemory,
  memoryBase: constant,
  codeTableBytes: constant,
  prepareCodes: kernelFunction,
  prepareQuantisation: kernelFunction,
  rowBytesOf: kernelFunction,
  startScan: kernelFunction,
  giveSource: kernelFunction,
  sourceLeft: kernelFunction,
  startSegment: kernelFunction,
  decodeRow: kernelFunction,
  decodeProgressiveRow: kernelFunction,
  endScan: kernelFunction,
  transformRow: kernelFunction,
  convert: kernelFunction,
  keepLastRow: kernelFunction,
});
export type JpegKernel = z.infer<typeof jpegKernelSchema>;

/** What a code table's symbols stand for. */
export const codeKinds = { ac: 0, dc: 1, acOfProgressive: 2 } as const;

/** Bytes of a component in the kernel's memory, and of a block's coefficients. */
export const COMPONENT_BYTES = 48;
export const BLOCK_BYTES = 128;
