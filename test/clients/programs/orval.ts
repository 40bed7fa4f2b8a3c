import { deepEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  createUpload,
  getLabels,
  getModel,
  getStatus,
  type Label,
  type Problem,
  predictWithBlob,
  predictWithFormData,
  predictWithJson,
} from './generated/api';

// Labels a picture by a client of orval: orval.ts ADDRESS PICTURE. The address is in the client.
const [, , , picture = ''] = process.argv;
const content = await readFile(picture);
const file = new File([content], 'photo.jpg', { type: 'image/jpeg' });

const answers = [
  await predictWithFormData({ file }, { top: 2 }),
  await predictWithBlob(file, { top: 2 }),
  await predictWithJson({ image: content.toString('base64') }, { top: 2 }),
];
const [predictions, ...others] = answers.map((answer): readonly Label[] => {
  // An object by model comes only where several are asked for.
  if (answer.status !== 200 || !Array.isArray(answer.data)) throw new Error(JSON.stringify(answer.data));
  return answer.data;
});
for (const other of others) deepEqual(other, predictions);

const created = await createUpload({ contentType: 'image/jpeg' });
if (created.status !== 201) throw new Error(JSON.stringify(created.data));
const { id, upload } = created.data;
const form = new FormData();
for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
form.append('file', file);
await fetch(upload.url, { method: 'POST', body: form });
const ended = await getStatus(id, { wait: 20 });
if (ended.status !== 200) throw new Error(JSON.stringify(ended.data));

const model = await getModel();
const labels = await getLabels();
const refused = await predictWithFormData({ file: new Blob(['Milk, bread']) });
if (refused.status !== 415) throw new Error('A shopping list was taken for an image.');
const problem: Problem = refused.data;
console.log(
  JSON.stringify({
    predictions,
    status: ended.data.status,
    best: ended.data.predictions?.[0]?.label,
    classes: model.status === 200 ? model.data.classes : undefined,
    labels: labels.status === 200 ? labels.data.length : undefined,
    problem: [problem.status, problem.code],
  }),
);
