import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import type { HttpAnswer, HttpHandler } from '../functions/shared/http/handler.ts';
import { limits } from '../functions/shared/limits.ts';
import type { Telemetry } from '../functions/shared/ports.ts';

/** A request, and the stream that its answer goes to. */
export interface StreamedRequest extends APIGatewayProxyEvent {
  readonly response: Writable;
}

/**
 * Streams a handler's answers (https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html). A stream ends when the client
 * disconnects, or shortly before the function's time is up.
 */
export function streamAnswers(handler: HttpHandler, telemetry: Telemetry) {
  return async (
    { response, ...event }: StreamedRequest,
    context: Context,
  ): Promise<Pick<HttpAnswer, 'statusCode'>> => {
    const clientGone = new AbortController();
    response.once('close', () => clientGone.abort());
    response.once('error', () => clientGone.abort());
    const timeLeft = context.getRemainingTimeInMillis() - limits.answerReserveSeconds * 1000;
    const timeUp = AbortSignal.timeout(Math.max(0, timeLeft));
    const signal = AbortSignal.any([clientGone.signal, timeUp]);
    const answer = await handler(event, context);
    await write(answer, response, signal, telemetry);
    // For the middleware that counts failures: the client has the answer already.
    return { statusCode: answer.statusCode };
  };
}

/** Once the status is sent it cannot change: a stream that fails ends, and the client connects again. */
async function write(answer: HttpAnswer, stream: Writable, signal: AbortSignal, telemetry: Telemetry) {
  const { statusCode, headers, body } = answer;
  const response = awslambda.HttpResponseStream.from(stream, { statusCode, headers });
  // The runtime sends the head with the first write, an empty one too.
  response.write(body);
  if (answer.stream === undefined) return void response.end();
  try {
    await pipeline(answer.stream(signal), response);
  } catch (error) {
    telemetry.error('event stream broke', error);
    response.end();
  }
}
