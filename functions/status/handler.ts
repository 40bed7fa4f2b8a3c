import { type HttpHandler, httpHandler } from '../shared/http/handler.ts';
import type { Ports } from '../shared/ports.ts';
import { deleteJob, getStatus } from './job.ts';

/** The status function: answers polling, waits, and deletes. */
export function statusHandler(ports: Pick<Ports, 'jobs' | 'images' | 'telemetry' | 'settings'>): HttpHandler {
  return httpHandler(
    {
      '/status/{id}': {
        GET: (request) => getStatus(request, ports),
        DELETE: (request) => deleteJob(request, ports),
      },
    },
    ports,
  );
}
