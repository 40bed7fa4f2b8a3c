import type { FunctionName, ServiceFunctionName } from './assets.ts';
import type { StackSettings } from './settings.ts';

export type CapacitySettings = Pick<
  StackSettings,
  'reservedConcurrency' | 'maxConcurrency' | 'maxWaits' | 'maxStreams' | 'drops' | 'dropConcurrency'
>;

/** Lambda leaves at least this much of an account's concurrency to functions without a reservation. */
export const leastUnreserved = 100;

/**
 * How many calls of a function Lambda keeps free, and the most it allows at once. Classify and label get what their queues may use: a throttled
 * receive counts as one, and a message that is throttled often enough would be given up untried. Functions that hold clients are
 * capped, so that waiting clients cannot use up the account.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
export function reservations(settings: CapacitySettings): Partial<Record<FunctionName, number>> {
  if (!settings.reservedConcurrency) return {};
  return {
    classify: settings.maxConcurrency,
    upload: settings.maxWaits,
    status: settings.maxWaits,
    events: settings.maxStreams,
    ...(settings.drops && { label: settings.dropConcurrency }),
  };
}

/** How many calls of a function are kept started. */
export function provisions({
  provisionedUpload,
  provisionedClassify,
}: Pick<StackSettings, 'provisionedUpload' | 'provisionedClassify'>): Partial<
  Record<ServiceFunctionName, number | undefined>
> {
  return { upload: provisionedUpload, classify: provisionedClassify };
}

export function totalReserved(settings: CapacitySettings): number {
  return Object.values(reservations(settings)).reduce((sum, count) => sum + count, 0);
}

/** What an account's Lambda quota is, and how much of it other functions have reserved. */
export interface AccountCapacity {
  readonly concurrency: number;
  readonly reservedByOthers: number;
}

/** Why the account cannot keep what the settings reserve, and what to do; `undefined` where it can. */
export function capacityProblem(settings: CapacitySettings, account: AccountCapacity): string | undefined {
  const wanted = totalReserved(settings);
  const free = account.concurrency - account.reservedByOthers - leastUnreserved;
  if (wanted === 0 || wanted <= free) return undefined;
  return [
    `The stack reserves ${wanted} concurrent executions, and the account can give ${Math.max(0, free)}:`,
    `its quota is ${account.concurrency}, other functions have reserved ${account.reservedByOthers},`,
    `and Lambda keeps ${leastUnreserved} unreserved.`,
    'Deploy with -c reservedConcurrency=off, lower maxConcurrency, maxWaits or maxStreams,',
    'or ask for a higher quota (Service Quotas, AWS Lambda, "Concurrent executions").',
  ].join(' ');
}
