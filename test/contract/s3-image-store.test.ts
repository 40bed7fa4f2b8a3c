import { S3ImageStore } from '../../aws/stores/s3-image-store.ts';
import { contractEndpoint, contractLeniencies, emulatedBucket } from '../support/aws/emulators.ts';
import { imageStoreSuite, type OpenImageStore } from './image-store-suite.ts';
import { uploadFormSuite } from './upload-form-suite.ts';

async function open(): Promise<OpenImageStore> {
  const { clients, resource: bucket, close } = await emulatedBucket();
  const images = new S3ImageStore(clients.s3, { bucket });
  return { images, read: async (key) => (await images.get(key))?.bytes, close };
}

imageStoreSuite('S3ImageStore', open);
// The emulator in this process takes any form.
if (contractEndpoint !== undefined) uploadFormSuite('S3ImageStore', open, contractLeniencies);
