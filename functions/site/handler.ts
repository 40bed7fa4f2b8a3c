import { type HttpHandler, httpHandler, type Route } from '../shared/http/handler.ts';
import { json, unknownAddress } from '../shared/http/response.ts';
import type { Health, Model } from '../shared/http/schemas.ts';
import { limits } from '../shared/limits.ts';
import type { Ports } from '../shared/ports.ts';
import type { ServiceSettings } from '../shared/settings.ts';
import { Cacheable, jsonDocument, once, type StaticDocument, staticDocument } from './documents.ts';
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
  const page = once(site.page);
  const health: Health = { status: 'ok', model: { name: model.name, sha256: model.sha256 } };
  return httpHandler(
    {
      '/': { GET: staticDocument(() => pageDocument({ ...site, page })) },
      '/health': { GET: async () => json(200, health) },
      '/model': { GET: jsonDocument(() => describe(model, ports.settings)) },
      '/labels': { GET: jsonDocument(() => model.labels) },
      '/openapi.json': { GET: jsonDocument(() => openApiDocument()) },
      '/assets/{name}': { GET: assetsOf(page) },
    },
    ports,
  );
}

/** Files that the page loads. Their names hold a digest of the content, so that clients may keep them. */
function assetsOf(page: Site['page']): Route {
  const files = once(async () => {
    const { assets } = await page();
    return new Map(Object.entries(assets).map(([name, asset]) => [name, new Cacheable(toDocument(asset))]));
  });
  return async (request) => {
    const found = (await files()).get(request.pathParameters.name ?? '');
    if (found === undefined) throw unknownAddress();
    return found.answer(request);
  };
}

function toDocument({ type, base64, compressed }: Page['assets'][string]): StaticDocument {
  const headers = {
    'Content-Type': type,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
  };
  const bytes = (text: string) => Buffer.from(text, 'base64');
  return {
    ...{ body: bytes(base64), headers },
    ...(compressed && { compressed: { br: bytes(compressed.br), gzip: bytes(compressed.gzip) } }),
  };
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
  return { body: Buffer.from(html), headers };
}
