import { localStores } from '../support/local/stores.ts';
import { jobQueueSuite } from './job-queue-suite.ts';

jobQueueSuite('LocalJobQueue', localStores);
