import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { requireDeployed } from './deployed.ts';

const lambda = new LambdaClient();

/** Changes variables of the deployed classify function until it is disposed of. */
export async function withVariables(changed: Readonly<Record<string, string>>): Promise<AsyncDisposable> {
  const { classifyFunction: FunctionName } = requireDeployed();
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const before = Environment?.Variables ?? {};
  const set = async (Variables: Record<string, string>) => {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 60, minDelay: 1 }, { FunctionName });
  };
  await set({ ...before, ...changed });
  return { [Symbol.asyncDispose]: () => set(before) };
}
