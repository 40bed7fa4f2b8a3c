import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What befalls one try of a call: `before` it reaches the service, or `after` it was carried out there, so that its answer is lost. */
export interface Fault {
  readonly when: 'before' | 'after';
  readonly error: Error;
}

/** Names of the calls that were tried, retries included. */
export type Tries = string[];

/**
 * Lets tries of a client's calls fail beneath the SDK's own retries. `fault` is asked at each try.
 * @returns the tries so far.
 */
export function injectFaults(
  { middlewareStack }: DynamoDBDocumentClient,
  fault: (call: string, tries: number) => Fault | undefined,
): Tries {
  const tries: Tries = [];
  middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const call = String(commandName).replace(/(Item)?Command$/, '');
        tries.push(call);
        const failing = fault(call, tries.filter((name) => name === call).length);
        if (failing?.when === 'before') throw failing.error;
        const result = await next(args);
        if (failing?.when === 'after') throw failing.error;
        return result;
      },
    { step: 'finalizeRequest', priority: 'low', name: 'faults' },
  );
  return tries;
}

/** The SDK tries again after each of these. */
export const throttled = () =>
  Object.assign(new Error('Rate exceeded'), {
    name: 'ThrottlingException',
    $retryable: { throttling: true },
  });
export const lost = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
/** And after none of these. */
export const crashed = () => new Error('the process died here');
