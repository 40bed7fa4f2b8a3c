import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { limits } from '../../functions/shared/limits.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { bufferedEventsHandler } from '../../functions/status/events-handler.ts';
import type { StatusDependencies } from '../../functions/status/handler.ts';
import { type StreamedAnswer, streamedEvents } from '../../functions/status/streamed-events.ts';
import { createClients } from '../clients.ts';
import { awsSettings } from '../settings.ts';
import { DynamoJobStore } from '../stores/dynamo-job-store.ts';
import { S3ImageStore } from '../stores/s3-image-store.ts';
import { observability } from '../telemetry/observability.ts';

const settings = readEnvironment(awsSettings.omit({ queueUrl: true, modelDir: true }), process.env);
const { telemetry, instrument, observe } = observability('events');
const clients = createClients({ instrument });
const dependencies: StatusDependencies = {
  jobs: new DynamoJobStore(clients.dynamo, settings.tableName),
  images: new S3ImageStore(clients.s3, { bucket: settings.bucketName }),
  telemetry,
  settings,
};

/** A Lambda streams its response or buffers it; where it cannot stream, `awslambda` does not even exist. */
export const handler = settings.streaming
  ? awslambda.streamifyResponse((event: APIGatewayProxyEvent, stream, context) =>
      observe((request: APIGatewayProxyEvent) => answer(request, context, stream))(event, context),
    )
  : observe(bufferedEventsHandler(dependencies));

async function answer(event: APIGatewayProxyEvent, context: Context, stream: Writable): Promise<void> {
  const clientGone = new AbortController();
  stream.once('close', () => clientGone.abort());
  stream.once('error', () => clientGone.abort());
  const timeLeft = context.getRemainingTimeInMillis() - limits.answerReserveSeconds * 1000;
  const timeUp = AbortSignal.timeout(Math.max(0, timeLeft));
  const signal = AbortSignal.any([clientGone.signal, timeUp]);
  await write(await streamedEvents(event, context, signal, dependencies), stream);
}

/** After the head nothing can be taken back: a stream that breaks just ends, and the client connects again. */
async function write({ head, events }: StreamedAnswer, stream: Writable): Promise<void> {
  const { statusCode, headers, body } = head;
  const response = awslambda.HttpResponseStream.from(stream, { statusCode, headers });
  // The runtime sends the head with the first write, an empty one too.
  response.write(body);
  if (events === undefined) return void response.end();
  try {
    await pipeline(events, response);
  } catch (error) {
    telemetry.error('event stream broke', error);
    response.end();
  }
}
