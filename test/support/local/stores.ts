import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveStorage } from '../../../local/http/storage.ts';
import { ImageReader } from '../../../local/stores/image-file.ts';
import { openStores, type StoreSettings, type Stores } from '../../../local/stores/stores.ts';

const settings = { visibilitySeconds: 30, retentionSeconds: 86_400 };

/** The local server's stores in a folder of their own. */
export interface LocalStores extends Stores {
  close(): Promise<void>;
}

export async function localStores(
  options: Partial<StoreSettings> = {},
  formUrl = () => 'http://127.0.0.1:1/upload',
): Promise<LocalStores> {
  const dataDir = await mkdtemp(join(tmpdir(), 'stores-'));
  const stores = await openStores({ ...settings, dataDir, ...options }, formUrl);
  const close = async () => {
    await stores.close();
    await rm(dataDir, { recursive: true });
  };
  return { ...stores, close };
}

/** The same behind the local server's upload address, and nothing else of it. */
export async function localStorage() {
  const server = createServer((request, response) => void serveStorage(request, response, stores));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const stores = await localStores({}, () => `http://127.0.0.1:${port}/upload`);
  const close = async () => {
    server.close();
    await stores.close();
  };
  const reader = new ImageReader();
  const read = async (key: string) => {
    const stored = await stores.images.get(key);
    return stored && reader.read(stored.path).bytes;
  };
  return { ...stores, read, close };
}
