import type { APIGatewayProxyResult } from 'aws-lambda';
import { Problem, type ProblemCode } from '../../../functions/shared/errors.ts';
import type { Outcome } from '../../../functions/shared/job.ts';
import { identity, type Service } from './service.ts';

export const outcome: Outcome = {
  image: { format: 'jpeg', width: 4, height: 3, bytes: 3, sha256: 'cd'.repeat(32) },
  predictions: [{ index: 0, wnid: 'n01440764', label: 'tench', score: 0.5 }],
  timings: { decode: 1, resize: 2, network: 3 },
  model: identity,
};

type Scenario = (service: Service) => Promise<APIGatewayProxyResult>;
type Scenarios = Readonly<Record<string, Scenario>>;

const image = 'any';
const key = '0123456789abcdef';
const unknown = '/status/3f1c2a52-4b7e-4c0e-9d0a-6a1f0e8b7c21';
const multipart = { 'Content-Type': 'multipart/form-data; boundary=b' };
const broken = new Error('inside');
const full = (code: ProblemCode) =>
  new Problem(code, 'Try again later.', { headers: { 'Retry-After': '10' } });
const away = Object.assign(new Error('busy'), { $metadata: { httpStatusCode: 503 } });

const predict = (service: Service, more: object = {}) =>
  service.ask({ method: 'POST', path: '/predict', body: image, ...more });
const upload = (service: Service, body: string, headers = {}) =>
  service.ask({ method: 'POST', path: '/uploads', body, headers });
const part = (disposition: string, content = '') =>
  `--b\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: image/png\r\n\r\n${content}\r\n--b--\r\n`;

/** A prediction whose job fails with this code, as the classify or the dead-letter function would do it. */
const failing =
  (code: string): Scenario =>
  (service) => {
    service.onImage = (id) =>
      service.transition(id, {
        to: 'failed',
        at: new Date(),
        error: { code, detail: 'Why, and what to do.' },
      });
    return predict(service);
  };

const faulty =
  (fault: Error, request: Scenario): Scenario =>
  (service) => {
    service.fault = fault;
    return request(service);
  };

const succeed = (service: Service) => (id: string) =>
  service.transition(id, { to: 'succeeded', at: new Date(), outcome });

async function ended(service: Service, path = '') {
  const { id } = await service.create({});
  await succeed(service)(id);
  return `/status/${id}${path}`;
}

/** What a job's address answers whatever is asked of it. */
const jobProblems = (method: string, path: string): Scenarios => ({
  '404 not_found': (service) => service.ask({ method, path: unknown + path }),
  '500 internal_error': faulty(broken, (service) => service.ask({ method, path: unknown + path })),
  '503 unavailable': faulty(away, (service) => service.ask({ method, path: unknown + path })),
});

const readingProblems = (path: string): Scenarios => ({
  ...jobProblems('GET', path),
  '400 invalid_parameter': (service) => service.ask({ path: unknown + path, query: { top: '' } }),
  '410 gone': async (service) => {
    const { id } = await service.create({ expiresAt: new Date() });
    return service.ask({ path: `/status/${id}${path}` });
  },
});

const cached = (path: string): Scenarios => ({
  200: (service) => service.ask({ path }),
  304: (service) => service.ask({ path, headers: { 'If-None-Match': '*' } }),
});

const unknownModel = (path: string): Scenarios => ({
  '400 invalid_parameter': (service) => service.ask({ path, query: { model: 'none' } }),
});

/** One way to each answer that the document knows: by operation, then by status and, for a problem, its code. */
export const scenarios: Readonly<Record<string, Scenarios>> = {
  predict: {
    200: (service) => {
      service.onImage = succeed(service);
      return predict(service, { headers: { Prefer: 'wait=5' } });
    },
    202: (service) => predict(service, { headers: { Prefer: 'respond-async' } }),
    '400 invalid_parameter': (service) => predict(service, { query: { threshold: '1.5' } }),
    '400 invalid_body': (service) =>
      predict(service, { headers: multipart, body: '--b\r\nContent-Disposition' }),
    '400 no_file_part': (service) => predict(service, { body: '' }),
    '400 no_selected_file': (service) =>
      predict(service, { headers: multipart, body: part('name="file"; filename=""') }),
    '400 several_files': (service) =>
      predict(service, {
        headers: multipart,
        body:
          part('name="file"; filename="a.png"', 'a').replace('--b--\r\n', '') +
          part('name="file"; filename="b.png"', 'b'),
      }),
    '400 empty_file': (service) =>
      predict(service, { headers: multipart, body: part('name="file"; filename="a.png"') }),
    '404 not_found': (service) => {
      service.onImage = async (id) => void (await service.jobs.delete(id));
      return predict(service);
    },
    '413 image_too_large': (service) => predict(service, { body: new Uint8Array(4 * 1024 ** 2 + 1) }),
    '415 unsupported_image': failing('unsupported_image'),
    '415 unsupported_variant': failing('unsupported_variant'),
    '422 corrupt_image': failing('corrupt_image'),
    '422 too_many_pixels': failing('too_many_pixels'),
    '422 too_costly': failing('too_costly'),
    '422 image_missing': failing('image_missing'),
    '422 model_missing': failing('model_missing'),
    '422 idempotency_key_reused': async (service) => {
      const headers = { 'Idempotency-Key': key, Prefer: 'respond-async' };
      await predict(service, { headers });
      return predict(service, { headers, body: 'another' });
    },
    '500 internal_error': faulty(broken, predict),
    '503 gave_up': failing('gave_up'),
    '503 lost': failing('lost'),
    '503 busy': faulty(full('busy'), predict),
    '507 storage_full': faulty(full('storage_full'), predict),
    '503 unavailable': faulty(away, predict),
  },
  createUpload: {
    201: (service) => upload(service, '{"contentType": "image/png"}'),
    '400 invalid_parameter': (service) => upload(service, '{"contentType": "text/plain"}'),
    '400 invalid_body': (service) => upload(service, '{'),
    '422 idempotency_key_reused': async (service) => {
      await upload(service, '{"contentType": "image/png"}', { 'Idempotency-Key': key });
      return upload(service, '{"contentType": "image/gif"}', { 'Idempotency-Key': key });
    },
    '507 storage_full': faulty(full('storage_full'), (service) =>
      upload(service, '{"contentType": "image/png"}'),
    ),
    '500 internal_error': faulty(broken, (service) => upload(service, '{"contentType": "image/png"}')),
    '503 unavailable': faulty(away, (service) => upload(service, '{"contentType": "image/png"}')),
  },
  getStatus: {
    200: async (service) => service.ask({ path: await ended(service) }),
    ...readingProblems(''),
  },
  deleteJob: {
    204: async (service) => service.ask({ method: 'DELETE', path: await ended(service) }),
    ...jobProblems('DELETE', ''),
  },
  getEvents: {
    200: async (service) => service.ask({ path: await ended(service, '/events') }),
    204: async (service) =>
      service.ask({ path: await ended(service, '/events'), headers: { 'Last-Event-ID': '2' } }),
    ...readingProblems('/events'),
  },
  getPage: {
    ...cached('/'),
    '500 internal_error': faulty(broken, (service) => service.ask({ path: '/' })),
  },
  getHealth: { 200: (service) => service.ask({ path: '/health' }) },
  getModel: { ...cached('/model'), ...unknownModel('/model') },
  getModels: cached('/models'),
  getLabels: { ...cached('/labels'), ...unknownModel('/labels') },
  getOpenApi: cached('/openapi.json'),
};
