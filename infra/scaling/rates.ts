import { prices } from '../../aws/prices.ts';
import { assumed, ways } from './cost.ts';
import { seededRandom } from './random.ts';
import type { Capacity } from './simulate.ts';

/** Days of an average month, in seconds. */
const monthSeconds = 30.4375 * 86_400;
const million = 1e6;

/** Times in milliseconds of independent arrivals, `perSecond` on average, for so many seconds. */
export function poissonArrivals(perSecond: number, seconds: number, seed: number): number[] {
  const random = seededRandom(seed);
  const arrivals: number[] = [];
  for (let at = 0; ; ) {
    at -= (Math.log(1 - random()) / perSecond) * 1000;
    if (at >= seconds * 1000) return arrivals;
    arrivals.push(at);
  }
}

/** Dollars a month for images by `POST /predict`: classifying as simulated, the rest as docs/performance.md assumes it. */
export function dollarsAMonth(perSecond: number, capacity: Capacity, memoryMb: number): number {
  const images = capacity.ages.length;
  const gigabyteSeconds = (capacity.billed / 1000) * (memoryMb / 1024);
  const classifying =
    (gigabyteSeconds * prices.gigabyteSecond.arm64 + capacity.invocations * prices.invocation) / images;
  const [predict] = ways({ ...assumed, batchSize: images / capacity.invocations });
  const around = (predict?.lines ?? []).reduce((sum, [, dollars]) => sum + dollars, 0) / million;
  return perSecond * monthSeconds * (classifying + around);
}
