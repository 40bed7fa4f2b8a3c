import { jobQueueSuite } from './job-queue-suite.ts';
import { localStores } from './support/local.ts';

jobQueueSuite('LocalJobQueue', localStores);
