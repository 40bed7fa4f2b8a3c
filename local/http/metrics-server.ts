import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { UsageError } from '../../functions/shared/usage-error.ts';
import type { Metrics } from '../metrics.ts';

/** Where metrics are read: at the public address, nowhere, or at an address of their own. */
export type MetricsPlace = 'public' | 'off' | { readonly host: string; readonly port: number };

/** @param setting `public`, `off`, or an address and a port such as `127.0.0.1:9100` or `[::1]:9100`. */
export function metricsPlace(setting: string): MetricsPlace {
  if (setting === 'public' || setting === 'off') return setting;
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(setting) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/**
 * Answers `GET /metrics` at an address of its own, to everybody who reaches it.
 * @throws {UsageError} where that address cannot be listened on.
 */
export async function serveMetrics(
  { host, port }: Exclude<MetricsPlace, string>,
  metrics: Metrics,
): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    metrics.read().then(
      ({ type, text }) =>
        response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error;
    throw new UsageError(`METRICS names ${host}:${port}, which cannot be listened on (${reason}).`);
  }
  return server;
}
