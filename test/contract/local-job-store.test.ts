import { localStores } from '../support/local/stores.ts';
import { idempotencySuite } from './idempotency-suite.ts';
import { jobStoreSuite } from './job-store-suite.ts';
import { watchSuite } from './watch-suite.ts';

jobStoreSuite('LocalJobStore', localStores);
idempotencySuite('LocalJobStore', localStores);
watchSuite('LocalJobStore', localStores);
