import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Assets, bundle, nameFiles, type PageFile, toAssets } from './files.ts';

/** The page as one document, and the policy under which a browser runs nothing but what is in it. */
export interface BuiltPage {
  readonly html: string;
  /** `Content-Security-Policy` without `connect-src`: whoever serves the page knows where its uploads go. */
  readonly contentSecurityPolicy: string;
  /** What the page loads beside its document. A name holds a digest of the content, so that browsers may keep the file. */
  readonly assets: Assets;
}

/** Bundles script and style into the page's one document. Takes about 50 ms, and nothing from the network. */
export async function buildPage(): Promise<BuiltPage> {
  const [template, style, script, worker, more, samples] = await Promise.all([
    readFile(new URL('index.html', import.meta.url), 'utf8'),
    bundle('style.css'),
    bundle('src/main.ts'),
    bundle('src/thumbnail-worker.ts'),
    bundle('src/more.ts'),
    readSamples(),
  ]);
  const files: readonly PageFile[] = [
    { name: 'more.js', type: 'text/javascript', content: Buffer.from(more) },
    ...samples,
  ];
  const html = nameFiles(template, files)
    .replaceAll(/\s*\n\s*/g, '\n')
    .replaceAll(/>\n(?=<(?!\/?(?:a|button|span|label)\b))/g, '>')
    .replace('<!-- style -->', () => `<style>${style}</style>`)
    // Data for the browser: a type that it does not know is not run.
    .replace('<!-- worker -->', () => `<script type="text/plain" id="thumbnail-worker">${worker}</script>`)
    .replace('<!-- script -->', () => `<script type="module">${script}</script>`);
  const contentSecurityPolicy = [
    "default-src 'none'",
    // The page's own script by its digest, and the one it loads from its service.
    `script-src 'self' ${digest(script)}`,
    `style-src ${digest(style)}`,
    "img-src 'self' blob: data:",
    'worker-src blob:',
    "base-uri 'none'",
    // Without scripts the page is a form.
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, contentSecurityPolicy, assets: toAssets(files) };
}

/** The pictures of the first screen; `npm run samples` draws them. */
async function readSamples(): Promise<PageFile[]> {
  const folder = new URL('samples/', import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.webp'));
  const read = async (name: string) => ({
    ...{ name, type: 'image/webp' },
    content: await readFile(new URL(name, folder)),
  });
  return Promise.all(files.sort().map(read));
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
