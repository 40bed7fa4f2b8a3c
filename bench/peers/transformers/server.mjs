/**
 * The image-classification pipeline of transformers.js behind node:http, as its documentation shows it for Node.
 * Environment: PORT, MODELS (folder of local models), INTRA_OP (threads of the network; none: onnxruntime's own choice),
 * WORKERS (processes by node:cluster; the documentation has one).
 */
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { env, pipeline, RawImage } from '@huggingface/transformers';

const workers = Number(process.env.WORKERS ?? 1);

if (workers > 1 && cluster.isPrimary) {
  for (let index = 0; index < workers; index++) cluster.fork();
} else {
  await serve();
}

async function serve() {
  env.allowRemoteModels = false;
  env.localModelPath = process.env.MODELS;
  const threads = process.env.INTRA_OP && { intraOpNumThreads: Number(process.env.INTRA_OP) };
  const classify = await pipeline('image-classification', 'mobilenet_v2', {
    dtype: 'fp32',
    device: 'cpu',
    ...(threads && { session_options: threads }),
  });

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
}

/** The part `file` of a form, by Node's own parser. */
async function readFile(request) {
  const web = new Request('http://localhost/', {
    method: 'POST',
    headers: { 'Content-Type': request.headers['content-type'] },
    body: Readable.toWeb(request),
    duplex: 'half',
  });
  return (await web.formData()).get('file');
}
