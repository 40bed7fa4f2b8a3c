import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { httpHandler } from '../shared/http/handler.ts';
import { empty } from '../shared/http/response.ts';
import { eventStream } from './event-stream.ts';
import { eventStreamHeaders, readEventsRequest } from './events-handler.ts';
import type { StatusDependencies } from './handler.ts';

/** An answer in two parts: the status and headers, and the events as they come; none where the answer is whole without. */
export interface StreamedAnswer {
  readonly head: APIGatewayProxyResult;
  readonly events?: AsyncIterable<string>;
}

/** `GET /status/{id}/events` where responses are streamed. `signal` aborts when the client is gone or time is up. */
export async function streamedEvents(
  event: APIGatewayProxyEvent,
  context: Context,
  signal: AbortSignal,
  { settings, telemetry, ...ports }: StatusDependencies,
): Promise<StreamedAnswer> {
  let events: AsyncIterable<string> | undefined;
  const handler = httpHandler(
    {
      '/status/{id}/events': {
        GET: async (request) => {
          const { job, chosen, lastVersion, ended } = await readEventsRequest(request, ports);
          // EventSource stops asking only on 204.
          if (ended) return empty(204);
          if (request.method === 'GET')
            events = eventStream(ports.jobs, job.id, { chosen, lastVersion, signal });
          return { statusCode: 200, headers: { ...eventStreamHeaders }, body: '' };
        },
      },
    },
    { telemetry, allowedOrigins: settings.allowedOrigins },
  );
  const head = await handler(event, context);
  return events === undefined ? { head } : { head, events };
}
