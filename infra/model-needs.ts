import { imageReserveSeconds } from '../functions/shared/settings.ts';
import type { ModelFacts } from '../layers/model/description.ts';

/** What one process took that ran a model, as the build measured it. */
export type MeasuredNeeds = NonNullable<ModelFacts['needs']>;

/** What Lambda functions get that run a model. Memory in MB as Lambda counts it, times in seconds. */
export interface LambdaNeeds {
  readonly memoryMb: number;
  /** Of the classify function. */
  readonly classifySeconds: number;
  /** Of the label function. */
  readonly labelSeconds: number;
}

/**
 * One whole processor: a network runs on one thread here, so that more memory does not make it faster.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const oneProcessorMb = 1769;
/** Lambda's own limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const mostMemoryMb = 10_240;
export const mostSeconds = 900;

/** Memory differs from machine to machine: arenas, the processor's own layout of weights, two kinds of processor. */
const memoryMargin = 1.25;
/** The largest pictures took 450 MB beside the network (50 million pixels as PNG, WebP, TIFF or JPEG); formats that were not measured may take more. */
const pictureMb = 800;
/** How much slower one of Lambda's processors may be than the core that the model was tried on: an assumption, AWS gives no figure. */
const slowdown = 3;
/**
 * A start that takes longer begins again within the first call, and counts to its time.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
const mostStartSeconds = 10;
/** For the answer and what a first call does besides. */
const graceSeconds = 3;
const usual = { classifySeconds: 30, labelSeconds: 60 } as const;
/** Images that the label function has time for at worst: what it would hand back would have used up one of few deliveries. */
export const leastLabelled = 4;

/**
 * The memory and the times that Lambda functions need for a model.
 * @param needs as measured; `undefined` is the default model, which needs no more than what is usual.
 * @param batchSize images that one call may get.
 * @throws {Error} where no Lambda function is large enough, or runs for so long.
 */
export function lambdaNeeds(needs: MeasuredNeeds | undefined, batchSize: number): LambdaNeeds {
  if (needs === undefined) return { memoryMb: oneProcessorMb, ...usual };
  const memoryMb = Math.max(oneProcessorMb, Math.ceil(needs.memoryMb * memoryMargin + pictureMb));
  const load = (needs.loadMilliseconds / 1000) * slowdown;
  const run = (needs.runMilliseconds / 1000) * slowdown;
  const start = load > mostStartSeconds ? load : 0;
  // The first image may be the slowest there is; the others of the batch are taken to be usual ones.
  const batch = Math.ceil(graceSeconds + start + imageReserveSeconds + batchSize * run);
  const classifySeconds = Math.max(usual.classifySeconds, batch);
  const labelSeconds = usual.labelSeconds + Math.floor(start + (leastLabelled + 1) * run);
  requireFitting(needs, memoryMb, Math.max(classifySeconds, labelSeconds));
  return { memoryMb, classifySeconds, labelSeconds };
}

function requireFitting(needs: MeasuredNeeds, memoryMb: number, seconds: number): void {
  if (memoryMb > mostMemoryMb) {
    throw new Error(
      `This model takes ${needs.memoryMb} MB, so that a function would need ${memoryMb}, and Lambda gives ${mostMemoryMb}: use a smaller or a quantized model, or run the local server.`,
    );
  }
  if (seconds > mostSeconds) {
    const each = (needs.runMilliseconds / 1000).toFixed(1);
    throw new Error(
      `This model takes ${each} s for a picture, so that a function would need ${seconds} s, and Lambda gives ${mostSeconds}: use a smaller or a quantized model, or run the local server.`,
    );
  }
}
