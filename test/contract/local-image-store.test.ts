import { localStorage } from '../support/local/stores.ts';
import { imageStoreSuite } from './image-store-suite.ts';
import { uploadFormSuite } from './upload-form-suite.ts';

imageStoreSuite('LocalImageStore', localStorage);
uploadFormSuite('LocalImageStore', localStorage);
