import type { APIGatewayProxyResult } from 'aws-lambda';
import { isProblemCode, Problem } from '../shared/errors.ts';
import { eachResult, jobView, retryAfter, select } from '../shared/http/job-view.ts';
import { predictQuery, type Selection } from '../shared/http/parameters.ts';
import { readWaitPreference } from '../shared/http/preferences.ts';
import { type HttpRequest, readQuery } from '../shared/http/request.ts';
import { type HttpHeaders, json } from '../shared/http/response.ts';
import { statusPath } from '../shared/http/routes.ts';
import type { Label } from '../shared/http/schemas.ts';
import { waitForEnd } from '../shared/http/wait.ts';
import { hasEnded, type Job, type Prediction } from '../shared/job.ts';
import { chooseModels } from '../shared/models.ts';
import type { Ports } from '../shared/ports.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { readImage } from './image-body.ts';
import { serverTiming } from './server-timing.ts';
import { submitImage } from './submit.ts';

/** `POST /predict`: stores and queues the image, then waits for its job as long as the client cares to. */
export async function predict(request: HttpRequest, ports: Ports): Promise<APIGatewayProxyResult> {
  const { model, ...chosen } = readQuery(predictQuery, request);
  const models = chooseModels(model, ports.models);
  const preference = readWaitPreference(request.header('Prefer'));
  const idempotencyKey = readIdempotencyKey(request);
  const began = performance.now();
  const submitted = await submitImage(ports, readImage(request, ports.settings), { models, idempotencyKey });
  const storeMilliseconds = performance.now() - began;
  const job = hasEnded(submitted) ? submitted : await wait(request, ports, submitted, preference.seconds);
  return answer(job, chosen, {
    Location: statusPath(job.id),
    'Server-Timing': serverTiming(job, storeMilliseconds),
    ...(preference.applied && { 'Preference-Applied': preference.applied }),
  });
}

async function wait(
  request: HttpRequest,
  { jobs }: Pick<Ports, 'jobs'>,
  submitted: Job,
  seconds: number,
): Promise<Job> {
  if (seconds === 0) return submitted;
  const remainingMilliseconds = request.remainingMilliseconds();
  const job = await waitForEnd(jobs, submitted.id, { seconds, remainingMilliseconds });
  if (job === undefined) throw new Problem('not_found', 'The job was deleted before it ended.');
  return job;
}

function answer(job: Job, chosen: Selection, headers: HttpHeaders): APIGatewayProxyResult {
  if (job.status === 'succeeded' && job.predictions !== undefined) {
    return json(200, toLabels(job.predictions, chosen), headers);
  }
  if (job.status === 'succeeded' && job.results !== undefined) {
    return json(
      200,
      eachResult(job.results, ({ predictions }) => toLabels(predictions, chosen)),
      headers,
    );
  }
  if (job.error === undefined || !hasEnded(job)) {
    return json(202, jobView(job, chosen), { ...headers, ...retryAfter(job) });
  }
  const { code, detail } = job.error;
  throw new Problem(isProblemCode(code) ? code : 'gave_up', detail, { headers });
}

function toLabels(predictions: readonly Prediction[], chosen: Selection): Label[] {
  return select(predictions, chosen).map(({ label, score }) => ({ label, score }));
}
