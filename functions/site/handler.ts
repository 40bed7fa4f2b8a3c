import type { APIGatewayProxyResult } from 'aws-lambda';
import { type HttpHandler, httpHandler } from '../shared/http/handler.ts';
import type { HttpRequest } from '../shared/http/request.ts';
import { json, unknownAddress } from '../shared/http/response.ts';
import type { Health, Model } from '../shared/http/schemas.ts';
import { limits } from '../shared/limits.ts';
import type { Ports } from '../shared/ports.ts';
import type { ServiceSettings } from '../shared/settings.ts';
import { jsonDocument, staticDocument } from './documents.ts';
import { openApiDocument } from './openapi/document.ts';
import type { Page } from './page.ts';

/** The model that answers, and its classes in the order of the network's output. */
export interface ServedModel extends Readonly<Omit<Model, 'limits' | 'formats'>> {
  readonly formats: readonly Model['formats'][number][];
  readonly labels: readonly { readonly wnid?: string | undefined; readonly label: string }[];
}

/** What the page and the documents are made of. */
export interface Site {
  readonly model: ServedModel;
  /** Called once, at the first request for the page. */
  readonly page: () => Promise<Page>;
  /** Origins that presigned forms go to, such as `https://bucket.s3.eu-west-1.amazonaws.com`, where they are not the service's own. */
  readonly uploadOrigins: readonly string[];
}

/** The site function: the page, and documents about the service. It answers 404 for every address that no function serves. */
export function siteHandler(site: Site, ports: Pick<Ports, 'telemetry' | 'settings'>): HttpHandler {
  const { model } = site;
  const health: Health = { status: 'ok', model: { name: model.name, sha256: model.sha256 } };
  return httpHandler(
    {
      '/': { GET: staticDocument(() => pageDocument(site)) },
      '/health': { GET: async () => json(200, health) },
      '/model': { GET: jsonDocument(() => describe(model, ports.settings)) },
      '/labels': { GET: jsonDocument(() => model.labels) },
      '/openapi.json': { GET: jsonDocument(() => openApiDocument()) },
      '/assets/{name}': { GET: (request) => asset(request, site) },
    },
    ports,
  );
}

/** A file that the page loads. Its name holds a digest of its content, so that clients may keep it. */
async function asset(request: HttpRequest, { page }: Pick<Site, 'page'>): Promise<APIGatewayProxyResult> {
  const { assets } = await page();
  const name = request.pathParameters.name ?? '';
  const found = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (found === undefined) throw unknownAddress();
  const headers = {
    'Content-Type': found.type,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
  };
  return { statusCode: 200, headers, body: found.base64, isBase64Encoded: true };
}

function describe(model: ServedModel, settings: ServiceSettings): Model {
  const { name, sha256, classes, input, preprocessing, output, formats } = model;
  const { inlineImageBytes, uploadedImageBytes, retentionSeconds } = settings;
  const { imagePixels, imageSide } = limits;
  return {
    ...{ name, sha256, classes, input, preprocessing, output },
    formats: [...formats],
    limits: { inlineImageBytes, uploadedImageBytes, imagePixels, imageSide, retentionSeconds },
  };
}

/** The page may connect to its own origin and to the one its uploads go to. No other page may embed it. */
async function pageDocument({ page, uploadOrigins }: Pick<Site, 'page' | 'uploadOrigins'>) {
  const { html, contentSecurityPolicy } = await page();
  const connect = `connect-src ${["'self'", ...uploadOrigins].join(' ')}`;
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': `${contentSecurityPolicy}; ${connect}`,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
  return { body: html, headers };
}
