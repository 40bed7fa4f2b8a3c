import type { APIGatewayProxyResult } from 'aws-lambda';
import { Problem } from '../shared/errors.ts';
import type { HttpRequest } from '../shared/http/request.ts';
import { json } from '../shared/http/response.ts';
import { statusPath } from '../shared/http/routes.ts';
import { type Upload, type UploadRequest, uploadRequest } from '../shared/http/schemas.ts';
import { after } from '../shared/job.ts';
import { chooseModels } from '../shared/models.ts';
import { imageKeyOf } from '../shared/object-event.ts';
import type { Ports } from '../shared/ports.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { freshJob } from './submit.ts';

/** `POST /uploads`: a job, and a form by which its image goes to storage directly. */
export async function createUpload(
  request: HttpRequest,
  ports: Pick<Ports, 'jobs' | 'images' | 'settings' | 'models'>,
): Promise<APIGatewayProxyResult> {
  const { contentType, model } = readBody(request);
  const models = chooseModels(model, ports.models);
  const asked = { what: () => `uploads ${contentType}`, models };
  const idempotency = readIdempotencyKey(request, asked, ports.models);
  const { settings, images, jobs } = ports;
  const { job } = await jobs.create(freshJob('presigned', models, settings), idempotency);
  const expiresAt = after(new Date(job.createdAt), settings.uploadFormSeconds);
  const maxBytes = settings.uploadedImageBytes;
  const key = imageKeyOf(job);
  const form = await images.presignUpload({ key, contentType, maxBytes, expiresAt });
  const statusUrl = statusPath(job.id);
  const answer: Upload = {
    id: job.id,
    status: job.status,
    upload: { method: 'POST', ...form, maxBytes, expiresAt: expiresAt.toISOString() },
    statusUrl,
  };
  return json(201, answer, { Location: statusUrl });
}

function readBody(request: HttpRequest): UploadRequest {
  const result = uploadRequest.safeParse(parseJson(request.body.toString()));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.length ? issue.path.join('.') : 'The body';
  throw new Problem('invalid_parameter', `${where}: ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('invalid_body', 'Send JSON such as {"contentType": "image/jpeg"}.', { cause });
  }
}
