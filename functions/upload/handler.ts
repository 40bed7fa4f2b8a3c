import { type HttpHandler, httpHandler } from '../shared/http/handler.ts';
import type { Ports } from '../shared/ports.ts';
import { predict } from './predict.ts';
import { createUpload } from './uploads.ts';

/** The upload function: images come in, with the request or by a presigned form. */
export function uploadHandler(ports: Ports): HttpHandler {
  return httpHandler(
    {
      '/predict': { POST: (request) => predict(request, ports) },
      '/uploads': { POST: (request) => createUpload(request, ports) },
    },
    ports,
  );
}
