import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { label } from '../shared/http/schemas.ts';
import type { KnownPicture } from '../shared/known-picture.ts';
import type { Telemetry } from '../shared/ports.ts';
import { metrics } from '../shared/telemetry.ts';

export interface CanaryDependencies {
  /** Where the service answers, with a slash at its end. */
  readonly url: string;
  readonly picture: KnownPicture;
  readonly telemetry: Telemetry;
  /** An answer that takes longer is a failure, in milliseconds. */
  readonly slowMilliseconds: number;
}

export type CanaryHandler = (event: unknown, context: Context) => Promise<void>;

/**
 * The canary: sends a picture as a client would, and fails where the answer is missing, wrong or late.
 * The job is deleted at the end, so that nothing is left of it.
 */
export function canaryHandler(dependencies: CanaryDependencies): CanaryHandler {
  return async (_, context) => {
    const { url, picture, telemetry, slowMilliseconds } = dependencies;
    const began = performance.now();
    // Before the function's own time is up, so that the log says what did not answer.
    const signal = AbortSignal.timeout(context.getRemainingTimeInMillis() - 2000);
    const response = await send(url, picture.bytes, signal);
    const milliseconds = performance.now() - began;
    telemetry.milliseconds(metrics.canary, milliseconds);
    await checkLabel(response, picture.label);
    await forget(url, response, signal, telemetry);
    if (milliseconds > slowMilliseconds) {
      throw new Error(
        `The answer took ${milliseconds.toFixed(0)} ms: more than ${slowMilliseconds} ms is too slow.`,
      );
    }
  };
}

function send(url: string, picture: Uint8Array, signal: AbortSignal): Promise<Response> {
  const body = new FormData();
  body.append('file', new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), 'canary.jpg');
  return fetch(new URL('predict', url), { method: 'POST', body, signal });
}

async function checkLabel(response: Response, expected: string): Promise<void> {
  const text = await response.text();
  if (response.status !== 200) {
    throw new Error(`POST /predict answered ${response.status}: ${text.slice(0, 500)}`);
  }
  const [best] = z.array(label).parse(JSON.parse(text));
  if (best?.label !== expected) {
    throw new Error(`POST /predict answered ${best?.label ?? 'no label'} for a picture of ${expected}.`);
  }
}

/** A picture that stays is no failure of the service: it is deleted after its retention like all others. */
async function forget(
  url: string,
  response: Response,
  signal: AbortSignal,
  telemetry: Telemetry,
): Promise<void> {
  const location = response.headers.get('Location');
  const job = location === null ? undefined : jobPath.exec(location)?.[0];
  if (job === undefined) return;
  await fetch(new URL(job, url), { method: 'DELETE', signal }).catch((cause: unknown) => {
    telemetry.warn('job of the canary not deleted', { cause: String(cause) });
  });
}

const jobPath = /status\/[^/]+$/;
