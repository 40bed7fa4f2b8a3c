import type { Health, Label, Model, Models, Upload } from '../../shared/http/schemas.ts';
import type { Job } from '../../shared/job.ts';

const id = '3f1c2a52-4b7e-4c0e-9d0a-6a1f0e8b7c21';

const identity = {
  name: 'mobilenet_v2_1.0_224',
  sha256: 'db49a08c3a19c1d2f4be0a3a5b1f3c5de0e5f7d9f0a1b2c3d4e5f60718293a4b',
};

const best = [
  { index: 208, wnid: 'n02099712', label: 'Labrador_retriever', score: 0.854127049446106 },
  { index: 207, wnid: 'n02099601', label: 'golden_retriever', score: 0.05193685740232468 },
  { index: 176, wnid: 'n02091831', label: 'Saluki', score: 0.006122534163296223 },
];

const pending: Job = {
  id,
  status: 'pending',
  version: 1,
  source: 'inline',
  attempts: 0,
  createdAt: '2026-01-01T09:30:00.000Z',
  deadline: '2026-01-01T09:57:00.000Z',
  expiresAt: '2026-01-02T09:30:00.000Z',
};

const succeeded: Job = {
  ...pending,
  status: 'succeeded',
  version: 3,
  attempts: 1,
  startedAt: '2026-01-01T09:30:00.004Z',
  finishedAt: '2026-01-01T09:30:00.031Z',
  image: {
    format: 'jpeg',
    width: 500,
    height: 375,
    bytes: 68_512,
    sha256: '5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5',
  },
  predictions: best,
  timings: { decode: 3.1, resize: 1.6, network: 9.8 },
  model: identity,
};

const failed: Job = {
  ...pending,
  status: 'failed',
  version: 3,
  attempts: 1,
  startedAt: '2026-01-01T09:30:00.004Z',
  finishedAt: '2026-01-01T09:30:00.006Z',
  error: {
    code: 'unsupported_image',
    detail:
      'The file is not an image this service reads: send JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF, or BMP.',
  },
};

const labels: Label[] = best.map(({ label, score }) => ({ label, score }));

const labelsByModel = { imagenet: labels, kinds: [{ label: 'animal', score: 0.9718422889709473 }] };

const models: Models = [{ name: 'imagenet', default: true, classes: 1000, model: identity }];

/** A GIF of one pixel. */
const predictRequest = { image: 'R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=' };

const upload: Upload = {
  id,
  status: 'pending',
  upload: {
    method: 'POST',
    url: 'https://images.example/',
    fields: {
      key: `uploads/${id}`,
      'Content-Type': 'image/jpeg',
      Policy: 'eyJleHBpcmF0aW9u',
      'X-Amz-Signature': '5d1c',
    },
    maxBytes: 26_214_400,
    expiresAt: '2026-01-01T09:45:00.000Z',
  },
  statusUrl: `status/${id}`,
};

const health: Health = { status: 'ok', model: identity };

const model: Model = {
  ...identity,
  classes: 1000,
  input: { name: 'image', layout: 'NHWC', type: 'uint8', height: 224, width: 224 },
  preprocessing: { resize: { height: 224, width: 224, filter: 'bicubic' }, normalize: [], channels: 'RGB' },
  output: { name: 'probabilities', values: 'probabilities', activation: 'softmax' },
  formats: [{ name: 'JPEG', mediaType: 'image/jpeg' }],
  limits: {
    inlineImageBytes: 4_194_304,
    uploadedImageBytes: 26_214_400,
    imagePixels: 50_000_000,
    imageSide: 16_384,
    retentionSeconds: 86_400,
  },
};

const event = { id: `${succeeded.version}`, event: 'status', data: JSON.stringify(succeeded) };

/** Examples of the OpenAPI document, each checked by the type of what it shows. */
export const examples = {
  id,
  pending,
  succeeded,
  failed,
  labels,
  labelsByModel,
  predictRequest,
  upload,
  health,
  model,
  models,
  event,
} as const;
