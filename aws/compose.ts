import type { Ports } from '../functions/shared/ports.ts';
import { readEnvironment, serviceSettings } from '../functions/shared/settings.ts';
import { type LambdaHandler, type Observability, observability } from './telemetry/observability.ts';

/** What every function has on AWS; `ports.ts` makes the ports from it. */
export interface Runtime extends Observability, Pick<Ports, 'settings'> {}

/**
 * Composes a Lambda function from its environment, once per process, and observes its calls.
 * @throws {Error} naming each variable that is missing or wrong.
 */
export function compose<Event, Result>(
  name: string,
  make: (runtime: Runtime) => LambdaHandler<Event, Result>,
): LambdaHandler<Event, Result> {
  const runtime = runtimeOf(name);
  return runtime.observe(make(runtime));
}

/**
 * The same for a function that opens the model, which takes hundreds of milliseconds: make the ports first, so that a wrong setting is
 * reported before that, and by name.
 * @throws {Error} naming each variable that is missing or wrong.
 */
export async function composeOpening<Event, Result>(
  name: string,
  make: (runtime: Runtime) => Promise<LambdaHandler<Event, Result>>,
): Promise<LambdaHandler<Event, Result>> {
  const runtime = runtimeOf(name);
  return runtime.observe(await make(runtime));
}

function runtimeOf(name: string): Runtime {
  return { settings: readEnvironment(serviceSettings, process.env), ...observability(name) };
}
