import { createHash } from 'node:crypto';
import manifest from '../../../package.json' with { type: 'json' };
import { type ProblemCode, problemCodes, problemType } from '../../shared/errors.ts';
import { codeSamples } from './code-samples.ts';
import { type Answer, componentSchemas, type Operation, problemAnswer } from './openapi.ts';
import { paths } from './operations.ts';

const description = `Classifies images by the model that \`GET /model\` describes, with the scores that it gives in Python; unless another is named, that is Keras'
MobileNetV2, which tells ImageNet's 1,000 classes apart.

Send an image in one of three ways. \`POST /predict\` waits for the labels. With \`Prefer: respond-async\` it answers at once, and you
poll or follow the job. \`POST /uploads\` returns a form that sends a large image directly to storage.

\`Location\` and \`statusUrl\` are relative to the address of the service. Every error is problem details (RFC 9457) with a stable
\`code\` and a \`detail\` that says what to do. An unknown address answers 404 with code \`not_found\`, and an unknown method 405 with code
\`method_not_allowed\` and the header \`Allow\`. In AWS, API Gateway itself may answer any call with 403 \`request_refused\`, 413
\`image_too_large\`, 429 \`too_many_requests\` or 503 \`unavailable\`. A job's id is random: anyone who knows it can read and delete the job.`;

const tags = [
  { name: 'classify', description: 'Send images.' },
  { name: 'jobs', description: 'Read, follow and delete jobs.' },
  { name: 'service', description: 'Read about the service and its model.' },
];

const headers = {
  Location: header('Address of the job, relative to the service.', {
    type: 'string',
    format: 'uri-reference',
  }),
  'Retry-After': header('Seconds to wait before asking again; absent once the job has ended.', {
    type: 'integer',
  }),
  'Server-Timing': header('Milliseconds of each step: `store`, `queue`, `decode`, `resize`, `network`.', {
    type: 'string',
  }),
  'Preference-Applied': header('The preference that was applied.', { type: 'string' }),
  ETag: header('Identifies this version of the document, for `If-None-Match`.', { type: 'string' }),
  'Cache-Control': header('How long the document may be cached.', { type: 'string' }),
};

/** How a request shows that it may, where the operator asks for a key. */
const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The API key of the service, where it has one.' },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Api-Key',
    description: 'The same key in a header of its own.',
  },
};

/** The OpenAPI 3.1 document, made from the schemas that check requests and type answers. */
export function openApiDocument() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Label on upload',
      version: manifest.version,
      description,
      contact: { name: 'The operator of this service' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative to this document, so that it holds under a stage or a base path.
    servers: [{ url: '.' }],
    // Without a key, unless the operator has set one.
    security: [{}, { bearer: [] }, { apiKey: [] }],
    tags,
    paths: operationsByPath(),
    components: {
      schemas: componentSchemas(),
      headers,
      responses: problemsAnywhere(),
      securitySchemes,
    },
  };
}

/** Identifies the document's calls and answers. The generated client contains it, so that a test can tell when it is out of date. */
export function documentDigest(): string {
  const { paths, components } = openApiDocument();
  return createHash('sha256').update(JSON.stringify({ paths, components })).digest('hex');
}

/** Every operation, with samples, and with what any address may answer before an operation is reached. */
function operationsByPath() {
  const complete = (path: string, { responses, ...operation }: Operation) => ({
    ...operation,
    responses: { ...responses, ...anywhere },
    'x-codeSamples': codeSamples(operation.operationId, path),
  });
  const byPath = Object.entries(paths).map(([path, methods]) => {
    const byMethod = Object.entries(methods).map(([method, operation]) => [
      method,
      complete(path, operation),
    ]);
    return [path, Object.fromEntries(byMethod)];
  });
  return Object.fromEntries(byPath);
}

const anywhere = {
  '4XX': { $ref: '#/components/responses/Refused' },
  '5XX': { $ref: '#/components/responses/Unavailable' },
};

/** Every code that no operation lists. `upload_expired` is left out: it is the error of a job only. */
function problemsAnywhere(): Record<'Refused' | 'Unavailable', Answer> {
  const operations: Operation[] = Object.values(paths).flatMap((methods) => Object.values(methods));
  const listed = new Set<string>(
    operations.flatMap(({ responses }) => Object.values(responses).flatMap(codesOf)),
  );
  const others = problemCodes.filter((code) => !listed.has(code) && code !== 'upload_expired');
  const isRefusal = (code: ProblemCode) => problemType(code).status < 500;
  return {
    Refused: problemAnswer(others.filter(isRefusal)),
    Unavailable: problemAnswer(others.filter((code) => !isRefusal(code))),
  };
}

function codesOf({ content }: Answer): string[] {
  return Object.keys(content?.['application/problem+json']?.examples ?? {});
}

function header(description: string, schema: Readonly<Record<string, string>>) {
  return { description, schema };
}
