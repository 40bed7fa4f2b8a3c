import { type HttpHandler, httpHandler } from '../shared/http/handler.ts';
import type { Telemetry } from '../shared/ports.ts';
import type { ServiceSettings } from '../shared/settings.ts';
import { predict } from './predict.ts';
import type { SubmitPorts } from './submit.ts';
import { createUpload } from './uploads.ts';

export interface UploadDependencies extends SubmitPorts {
  readonly telemetry: Telemetry;
  readonly settings: ServiceSettings;
}

/** The upload function: images come in, with the request or by a presigned form. */
export function uploadHandler({ settings, telemetry, ...ports }: UploadDependencies): HttpHandler {
  return httpHandler(
    {
      '/predict': { POST: (request) => predict(request, ports, settings) },
      '/uploads': { POST: (request) => createUpload(request, ports, settings) },
    },
    { telemetry, allowedOrigins: settings.allowedOrigins },
  );
}
