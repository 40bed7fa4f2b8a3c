import type { APIGatewayProxyResult } from 'aws-lambda';
import { Problem } from '../shared/errors.ts';
import { jobView, retryAfter } from '../shared/http/job-view.ts';
import { jobId, statusQuery } from '../shared/http/parameters.ts';
import { type HttpRequest, readQuery } from '../shared/http/request.ts';
import { empty, json } from '../shared/http/response.ts';
import { readJob, waitForEnd, waitMilliseconds } from '../shared/http/wait.ts';
import { isGone, type Job } from '../shared/job.ts';
import { imageKeyOf } from '../shared/object-event.ts';
import type { Ports } from '../shared/ports.ts';

/** `GET /status/{id}`: the job, at once or when it has ended. Failed and expired jobs are answered with 200 too. */
export async function getStatus(
  request: HttpRequest,
  { jobs }: Pick<Ports, 'jobs'>,
): Promise<APIGatewayProxyResult> {
  const { wait, ...chosen } = readQuery(statusQuery, request);
  const id = readJobId(request);
  const job = present(
    wait > 0 ? await waitForEnd(jobs, id, waitMilliseconds(wait, request)) : await readJob(jobs, id),
  );
  return json(200, jobView(job, chosen), retryAfter(job));
}

/** `DELETE /status/{id}`: removes the record, then the image. Clients that wait for the job get 404. */
export async function deleteJob(
  request: HttpRequest,
  { jobs, images }: Pick<Ports, 'jobs' | 'images'>,
): Promise<APIGatewayProxyResult> {
  const job = await jobs.delete(readJobId(request));
  if (job === undefined) throw notFound();
  await images.delete(imageKeyOf(job));
  return empty(204);
}

/** @throws {Problem} `not_found` where the path has no valid job id. */
export function readJobId(request: HttpRequest): string {
  const id = jobId.safeParse(request.pathParameters.id);
  if (!id.success) throw notFound();
  return id.data;
}

/** @throws {Problem} `not_found` where the job does not exist, `gone` where it is no longer kept. */
export function present(job: Job | undefined): Job {
  if (job === undefined) throw notFound();
  if (isGone(job, new Date())) {
    throw new Problem('gone', `The job was kept until ${job.expiresAt}. Send the image again.`);
  }
  return job;
}

function notFound(): Problem {
  return new Problem('not_found');
}
