import { type HttpHandler, httpHandler } from '../shared/http/handler.ts';
import type { Telemetry } from '../shared/ports.ts';
import type { ServiceSettings } from '../shared/settings.ts';
import { deleteJob, getStatus, type StatusPorts } from './job.ts';

export interface StatusDependencies extends StatusPorts {
  readonly telemetry: Telemetry;
  readonly settings: ServiceSettings;
}

/** The status function: answers polling, waits, and deletes. */
export function statusHandler({ settings, telemetry, ...ports }: StatusDependencies): HttpHandler {
  return httpHandler(
    {
      '/status/{id}': {
        GET: (request) => getStatus(request, ports),
        DELETE: (request) => deleteJob(request, ports),
      },
    },
    { telemetry, allowedOrigins: settings.allowedOrigins },
  );
}
