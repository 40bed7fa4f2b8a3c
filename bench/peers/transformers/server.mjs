/**
 * The image-classification pipeline of transformers.js behind node:http, in one process, as its documentation shows it for Node.
 * Environment: PORT, MODELS (folder of local models), INTRA_OP (threads of the network; none: onnxruntime's own choice).
 */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { env, pipeline, RawImage } from '@huggingface/transformers';

env.allowRemoteModels = false;
env.localModelPath = process.env.MODELS;
const threads = process.env.INTRA_OP && { intraOpNumThreads: Number(process.env.INTRA_OP) };
const options = { dtype: 'fp32', device: 'cpu', ...(threads && { session_options: threads }) };
const classify = await pipeline('image-classification', 'mobilenet_v2', options);

createServer(async (request, response) => {
  try {
    const file = await readFile(request);
    const predictions = await classify(await RawImage.fromBlob(file), { top_k: 3 });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(predictions));
  } catch (error) {
    response.writeHead(400, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: String(error) }));
  }
}).listen(Number(process.env.PORT), '127.0.0.1');

/** The part `file` of a form, by Node's own parser. */
async function readFile(request) {
  const headers = { 'Content-Type': request.headers['content-type'] };
  const body = Readable.toWeb(request);
  const form = await new Request('http://localhost/', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  }).formData();
  return form.get('file');
}
