import { idempotencySuite } from './idempotency-suite.ts';
import { jobStoreSuite } from './job-store-suite.ts';
import { localStores } from './support/local.ts';
import { watchSuite } from './watch-suite.ts';

jobStoreSuite('LocalJobStore', localStores);
idempotencySuite('LocalJobStore', localStores);
watchSuite('LocalJobStore', localStores);
