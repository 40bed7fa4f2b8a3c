import type { APIGatewayProxyEvent } from 'aws-lambda';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { eventsHandler } from '../../functions/status/events-handler.ts';
import { compose, type Runtime } from '../compose.ts';
import { jobs } from '../ports.ts';
import { awsSettings } from '../settings.ts';
import { streamAnswers } from '../stream.ts';

const { streaming } = readEnvironment(awsSettings.pick({ streaming: true }), process.env);
const events = (runtime: Runtime) => eventsHandler({ ...runtime, jobs: jobs() }, { streaming });

/** Streams its response or buffers it. `awslambda` does not exist where a function cannot stream. */
export const handler = streaming ? streamed() : compose('events', events);

function streamed() {
  const answer = compose('events', (runtime) => streamAnswers(events(runtime), runtime.telemetry));
  return awslambda.streamifyResponse((event: APIGatewayProxyEvent, response, context) =>
    answer({ ...event, response }, context),
  );
}
