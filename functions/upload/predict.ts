import type { APIGatewayProxyResult } from 'aws-lambda';
import { isProblemCode, Problem } from '../shared/errors.ts';
import { eachResult, jobView, retryAfter, select } from '../shared/http/job-view.ts';
import { predictQuery, type Selection } from '../shared/http/parameters.ts';
import { readWaitPreference } from '../shared/http/preferences.ts';
import { type HttpRequest, readQuery } from '../shared/http/request.ts';
import { type HttpHeaders, json } from '../shared/http/response.ts';
import { statusPath } from '../shared/http/routes.ts';
import type { Label } from '../shared/http/schemas.ts';
import { waitForEnd, waitMilliseconds } from '../shared/http/wait.ts';
import { hasEnded, type Job, type Prediction } from '../shared/job.ts';
import { chooseModels } from '../shared/models.ts';
import type { Ports } from '../shared/ports.ts';
import { readIdempotencyKey, sha256 } from './idempotency.ts';
import { readImage } from './image-body.ts';
import { serverTiming } from './server-timing.ts';
import { freshJob, type Submission, submitImage } from './submit.ts';

/** A job that has ended, or was waited for in vain. */
interface Waited {
  readonly job: Job;
  readonly storeMilliseconds: number;
}

/** `POST /predict`: classifies the image as long as the client cares to wait. */
export async function predict(request: HttpRequest, ports: Ports): Promise<APIGatewayProxyResult> {
  const { model, ...chosen } = readQuery(predictQuery, request);
  const models = chooseModels(model, ports.models);
  const preference = readWaitPreference(request.header('Prefer'));
  const image = readImage(request, ports.settings);
  const asked = { what: () => `predict ${sha256(image)}`, models };
  const idempotency = readIdempotencyKey(request, asked, ports.models);
  const submission = { fresh: freshJob('inline', models, ports.settings), image, idempotency };
  const until = performance.now() + waitMilliseconds(preference.seconds, request);
  const { job, storeMilliseconds } =
    (await classifyAtOnce(submission, ports, until)) ?? (await queueAndWait(submission, ports, until));
  return answer(job, chosen, {
    Location: statusPath(job.id),
    'Server-Timing': serverTiming(job, storeMilliseconds),
    ...(preference.applied && { 'Preference-Applied': preference.applied }),
  });
}

/** Without storing and queueing it, where the runtime can. */
async function classifyAtOnce(
  { fresh, image, idempotency }: Submission,
  { immediate }: Pick<Ports, 'immediate'>,
  until: number,
): Promise<Waited | undefined> {
  const milliseconds = until - performance.now();
  if (immediate === undefined || milliseconds <= 0) return undefined;
  const job = await immediate.classify(fresh, image, milliseconds, idempotency);
  return job && { job, storeMilliseconds: 0 };
}

async function queueAndWait(
  submission: Submission,
  ports: Pick<Ports, 'jobs' | 'images' | 'queue'>,
  until: number,
): Promise<Waited> {
  const began = performance.now();
  const submitted = await submitImage(ports, submission);
  const stored = performance.now();
  const storeMilliseconds = stored - began;
  if (hasEnded(submitted) || stored >= until) return { job: submitted, storeMilliseconds };
  const job = await waitForEnd(ports.jobs, submitted.id, until - stored);
  if (job === undefined) throw new Problem('not_found', 'The job was deleted before it ended.');
  return { job, storeMilliseconds };
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
