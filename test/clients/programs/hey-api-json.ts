import { readFile } from 'node:fs/promises';
import { type Label, predict } from './generated';
import { client } from './generated/client.gen';

// The same generator without a configuration: of several media types it takes JSON. hey-api-json.ts ADDRESS PICTURE
const [, , address = '', picture = ''] = process.argv;
client.setConfig({ baseUrl: address.replace(/\/$/, '') });
const image = await readFile(picture, 'base64');
const { data, error } = await predict({ body: { image }, query: { top: 2 } });
if (!Array.isArray(data)) throw new Error(JSON.stringify(error ?? data));
const predictions: readonly Label[] = data;
console.log(JSON.stringify({ predictions }));
