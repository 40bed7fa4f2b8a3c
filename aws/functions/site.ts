import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { siteHandler } from '../../functions/site/handler.ts';
import { builtPage } from '../../functions/site/page.ts';
import { readServedModels } from '../../layers/model/folder.ts';
import { compose } from '../compose.ts';
import { awsSettings, texts } from '../settings.ts';

/** `UPLOAD_ORIGINS` are those that presigned forms are sent to: the page's policy must name them. */
const schema = awsSettings.pick({ modelDir: true }).extend({ uploadOrigins: texts });
const settings = readEnvironment(schema, process.env);
// What `buildPage` and `buildDocs` in web give, which the build puts beside this module.
const built = (name: string) => async () =>
  builtPage.parse(JSON.parse(await readFile(join(import.meta.dirname, name), 'utf8')));
const [page, docs] = [built('page.json'), built('docs.json')];
const models = await readServedModels(settings.modelDir);

export const handler = compose('site', (runtime) =>
  siteHandler({ models, page, docs, uploadOrigins: settings.uploadOrigins }, runtime),
);
