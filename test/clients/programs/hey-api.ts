import { readFile } from 'node:fs/promises';
import { createUpload, getLabels, getModel, getStatus, type Label, type Problem, predict } from './generated';
import { client } from './generated/client.gen';

// Labels a picture by a client of @hey-api/openapi-ts: hey-api.ts ADDRESS PICTURE
const [, , address = '', picture = ''] = process.argv;
client.setConfig({ baseUrl: address.replace(/\/$/, '') });
const file = new File([await readFile(picture)], 'photo.jpg', { type: 'image/jpeg' });

const predicted = await predict({ body: { file }, query: { top: 2 } });
if (!Array.isArray(predicted.data)) throw new Error(JSON.stringify(predicted.error ?? predicted.data));
const predictions: readonly Label[] = predicted.data;

const { data: job } = await createUpload({ body: { contentType: 'image/jpeg' } });
if (job === undefined) throw new Error('POST /uploads gave no form.');
const form = new FormData();
for (const [name, value] of Object.entries(job.upload.fields)) form.append(name, value);
form.append('file', file);
await fetch(job.upload.url, { method: 'POST', body: form });
const { data: ended } = await getStatus({ path: { id: job.id }, query: { wait: 20 } });

const { data: model } = await getModel();
const { data: labels } = await getLabels();
const { error } = await predict({ body: { file: new Blob(['Milk, bread']) } });
const problem: Problem | undefined = error;
console.log(
  JSON.stringify({
    predictions,
    status: ended?.status,
    best: ended?.predictions?.[0]?.label,
    classes: model?.classes,
    labels: labels?.length,
    problem: [problem?.status, problem?.code],
  }),
);
