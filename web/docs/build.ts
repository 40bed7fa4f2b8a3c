import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BuiltPage } from '../build.ts';
import { bundle, nameFiles, type PageFile, toAssets } from '../files.ts';

/** Scripts come from the service alone. Swagger UI sets styles of single elements, and shows its icons by `data:` addresses. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page at `/docs`: Swagger UI as its package has it, and what this service adds. Nothing comes from the network. */
export async function buildDocs(): Promise<BuiltPage> {
  const [template, script, style, swaggerScript, swaggerStyle] = await Promise.all([
    readFile(new URL('index.html', import.meta.url), 'utf8'),
    bundle('docs/main.ts'),
    bundle('docs/style.css'),
    ofPackage('swagger-ui-bundle.js'),
    ofPackage('swagger-ui.css'),
  ]);
  const files: readonly PageFile[] = [
    { name: 'swagger-ui.js', type: 'text/javascript', content: withoutMap(swaggerScript) },
    { name: 'swagger-ui.css', type: 'text/css', content: withoutMap(swaggerStyle) },
    { name: 'docs.js', type: 'text/javascript', content: Buffer.from(script) },
    { name: 'docs.css', type: 'text/css', content: Buffer.from(style) },
  ];
  const html = nameFiles(template, files, 'assets/');
  return { html, contentSecurityPolicy, assets: toAssets(files) };
}

function ofPackage(name: string): Promise<string> {
  return readFile(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`), 'utf8');
}

/** The map of the sources is not served, and browsers' tools would ask for it. */
function withoutMap(text: string): Buffer {
  return Buffer.from(text.replace(/\n?\/[/*]# sourceMappingURL=\S+(?: *\*\/)?\s*$/, '\n'));
}
