import { DynamoJobStore } from '../../aws/stores/dynamo-job-store.ts';
import { emulatedTable } from '../support/aws/emulators.ts';
import { idempotencySuite } from './idempotency-suite.ts';
import { jobStoreSuite, type OpenJobStore } from './job-store-suite.ts';
import { watchSuite } from './watch-suite.ts';

async function open(): Promise<OpenJobStore> {
  const { clients, resource, close } = await emulatedTable();
  return { jobs: new DynamoJobStore(clients.dynamo, resource), close };
}

jobStoreSuite('DynamoJobStore', open);
idempotencySuite('DynamoJobStore', open);
watchSuite('DynamoJobStore', open);
