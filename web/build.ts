import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The page as one document, and the policy under which a browser runs nothing but what is in it. */
export interface BuiltPage {
  readonly html: string;
  /** `Content-Security-Policy` without `connect-src`: whoever serves the page knows where its uploads go. */
  readonly contentSecurityPolicy: string;
  /** What the page shows beside its document, by name. */
  readonly assets: Readonly<Record<string, { readonly type: string; readonly base64: string }>>;
}

/** Bundles script and style into the page's one document. Takes about 50 ms, and nothing from the network. */
export async function buildPage(): Promise<BuiltPage> {
  const [template, style, script, worker, assets] = await Promise.all([
    readFile(new URL('index.html', import.meta.url), 'utf8'),
    bundle('style.css'),
    bundle('src/main.ts'),
    bundle('src/thumbnail-worker.ts'),
    readSamples(),
  ]);
  const html = template
    .replaceAll(/^\s+/gm, '')
    .replace('<!-- style -->', () => `<style>${style}</style>`)
    // Data for the browser: a type that it does not know is not run.
    .replace('<!-- worker -->', () => `<script type="text/plain" id="thumbnail-worker">${worker}</script>`)
    .replace('<!-- script -->', () => `<script type="module">${script}</script>`);
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src ${digest(script)}`,
    `style-src ${digest(style)}`,
    "img-src 'self' blob: data:",
    'worker-src blob:',
    "base-uri 'none'",
    // Without scripts the page is a form.
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, contentSecurityPolicy, assets };
}

/** The pictures of the first screen; `npm run samples` draws them. */
async function readSamples(): Promise<BuiltPage['assets']> {
  const folder = new URL('samples/', import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.webp'));
  const read = async (name: string) =>
    [name, { type: 'image/webp', base64: await readFile(new URL(name, folder), 'base64') }] as const;
  return Object.fromEntries(await Promise.all(files.sort().map(read)));
}

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const text = outputFiles[0]?.text.trim() ?? '';
  // A closing tag inside a string would end the element early.
  return text.replaceAll('</script', '<\\/script').replaceAll('</style', '<\\/style');
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
