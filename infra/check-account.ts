/**
 * `npm run check:account [-- -c name=value …]`: says whether the account that the credentials are for can keep the concurrency that the
 * settings reserve. Run it before the first deployment: a new account may start with a quota of 10, and the deployment would fail.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { RootConstruct } from 'constructs';
import * as z from 'zod';
import { type AccountCapacity, capacityProblem, totalReserved } from './capacity.ts';
import { readSettings, type StackSettings } from './settings.ts';

const accountSettings = z.object({
  AccountLimit: z.object({ ConcurrentExecutions: z.number(), UnreservedConcurrentExecutions: z.number() }),
});

/** Reads the account's quota. What the stack itself has reserved, where it is deployed already, is not counted as others'. */
export async function readAccount(client: LambdaClient, stackName: string): Promise<AccountCapacity> {
  const { AccountLimit } = accountSettings.parse(await client.send(new GetAccountSettingsCommand()));
  const { ConcurrentExecutions, UnreservedConcurrentExecutions } = AccountLimit;
  const reserved = ConcurrentExecutions - UnreservedConcurrentExecutions;
  const own = reserved === 0 ? 0 : await reservedByStack(client, stackName);
  return { concurrency: ConcurrentExecutions, reservedByOthers: reserved - own };
}

/** CloudFormation begins the names that it makes with the stack's, and goes on with the construct's. */
async function reservedByStack(client: LambdaClient, stackName: string): Promise<number> {
  let sum = 0;
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName } of Functions) {
      if (!FunctionName?.startsWith(`${stackName}-Functions`)) continue;
      const answer = await client.send(new GetFunctionConcurrencyCommand({ FunctionName }));
      sum += answer.ReservedConcurrentExecutions ?? 0;
    }
  }
  return sum;
}

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** The settings as `cdk` would read them: those of cdk.json, then those of the command line. */
export function settingsOf(args: readonly string[]): StackSettings {
  const { values } = parseArgs({
    args: [...args],
    options: { context: { type: 'string', short: 'c', multiple: true, default: [] } },
  });
  const file = readFileSync(join(import.meta.dirname, '../cdk.json'), 'utf8');
  const { context } = cdkJson.parse(JSON.parse(file));
  const scope = new RootConstruct();
  for (const [name, value] of Object.entries(context)) scope.node.setContext(name, value);
  for (const pair of values.context) {
    const [name = '', ...rest] = pair.split('=');
    scope.node.setContext(name, rest.join('='));
  }
  return readSettings(scope);
}

async function main(): Promise<void> {
  const settings = settingsOf(process.argv.slice(2));
  const account = await readAccount(new LambdaClient(), settings.stackName);
  const problem = capacityProblem(settings, account);
  if (problem !== undefined) throw new Error(problem);
  console.log(
    `The account allows ${account.concurrency} concurrent executions; the stack reserves ${totalReserved(settings)} of them.`,
  );
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
