import { Problem } from '../shared/errors.ts';
import { type HttpHandler, httpHandler, type Route } from '../shared/http/handler.ts';
import { modelQuery } from '../shared/http/parameters.ts';
import { readQuery } from '../shared/http/request.ts';
import { json, unknownAddress } from '../shared/http/response.ts';
import type { Health, Model, Models } from '../shared/http/schemas.ts';
import { limits } from '../shared/limits.ts';
import { chooseModels } from '../shared/models.ts';
import type { Ports } from '../shared/ports.ts';
import type { ServiceSettings } from '../shared/settings.ts';
import { Cacheable, jsonDocument, once, type StaticDocument, staticDocument } from './documents.ts';
import { openApiDocument } from './openapi/document.ts';
import type { Page } from './page.ts';
import { alsoAsPage, labelsPage, modelPage } from './reading-pages.ts';

/** A model that answers, and its classes in the order of the network's output. */
export interface ServedModel extends Readonly<Omit<Model, 'limits' | 'formats'>> {
  /** What requests call it by. */
  readonly calledBy: string;
  readonly formats: readonly Model['formats'][number][];
  readonly labels: readonly { readonly wnid?: string | undefined; readonly label: string }[];
}

/** What the page and the documents are made of. */
export interface Site {
  /** The default one first. */
  readonly models: readonly [ServedModel, ...ServedModel[]];
  /** Called once, at the first request for the page. */
  readonly page: () => Promise<Page>;
  /** The page that documents the API; called once, at the first request for it. */
  readonly docs: () => Promise<Page>;
  /** Origins that presigned forms go to, such as `https://bucket.s3.eu-west-1.amazonaws.com`, where they are not the service's own. */
  readonly uploadOrigins: readonly string[];
}

/** The site function: the page, and documents about the service. It answers 404 for every address that no function serves. */
export function siteHandler(site: Site, ports: Pick<Ports, 'telemetry' | 'settings'>): HttpHandler {
  const { models } = site;
  const [model] = models;
  const [page, docs] = [once(site.page), once(site.docs)];
  const health: Health = { status: 'ok', model: { name: model.name, sha256: model.sha256 } };
  return httpHandler(
    {
      '/': { GET: staticDocument(() => pageDocument({ ...site, page })) },
      '/docs': { GET: staticDocument(() => pageDocument({ ...site, page: docs })) },
      '/health': { GET: async () => json(200, health) },
      '/model': { GET: ofEach(models, (each) => modelRoute(describe(each, ports.settings))) },
      '/models': { GET: jsonDocument(() => list(models)) },
      '/labels': { GET: ofEach(models, labelsRoute) },
      '/openapi.json': { GET: jsonDocument(() => openApiDocument()) },
      '/assets/{name}': { GET: assetsOf([page, docs]) },
    },
    ports,
  );
}

/** Files that the pages load. Their names hold a digest of the content, so that clients may keep them. */
function assetsOf(pages: readonly Site['page'][]): Route {
  const folders = pages.map((page) => once(async () => filesOf(await page())));
  return async (request) => {
    for (const folder of folders) {
      const found = (await folder()).get(request.pathParameters.name ?? '');
      if (found !== undefined) return found.answer(request);
    }
    throw unknownAddress();
  };
}

function filesOf({ assets }: Page): ReadonlyMap<string, Cacheable> {
  return new Map(Object.entries(assets).map(([name, asset]) => [name, new Cacheable(toDocument(asset))]));
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

function modelRoute(model: Model): Route {
  return alsoAsPage(
    jsonDocument(() => model),
    () => modelPage(model),
  );
}

function labelsRoute(model: ServedModel): Route {
  return alsoAsPage(
    jsonDocument(() => model.labels),
    () => labelsPage(model),
  );
}

/** A document for each model: of the one that the query names, else of the default one. */
function ofEach(models: Site['models'], make: (model: ServedModel) => Route): Route {
  const [first] = models;
  const documents = new Map(models.map((model) => [model.calledBy, make(model)]));
  return async (request) => {
    const { model } = readQuery(modelQuery, request);
    const [name = first.calledBy, ...others] = chooseModels(model, [...documents.keys()]) ?? [];
    const document = documents.get(name);
    if (document === undefined || others.length > 0)
      throw new Problem('invalid_parameter', 'model: names more than one model');
    return document(request);
  };
}

function list(models: Site['models']): Models {
  return models.map(({ calledBy, classes, name, sha256 }, at) => ({
    name: calledBy,
    default: at === 0,
    classes,
    model: { name, sha256 },
  }));
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
    // Not `no-referrer`: with it the form for browsers without scripts names no origin, and is refused.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  };
  return { body: Buffer.from(html), headers };
}
