import { imageStoreSuite } from './image-store-suite.ts';
import { localStorage } from './support/local.ts';
import { uploadFormSuite } from './upload-form-suite.ts';

imageStoreSuite('LocalImageStore', localStorage);
uploadFormSuite('LocalImageStore', localStorage);
