import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What a page loads beside its document, by name. */
export type Assets = Readonly<Record<string, { readonly type: string; readonly base64: string }>>;

/** A file beside a page's document. */
export interface PageFile {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

/** `daisy.webp` with a digest: `daisy.1f2e3d4c5b.webp`. */
function addressOf({ name, content }: PageFile): string {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 10);
  return name.replace('.', `.${digest}.`);
}

/** A document, with the address of each file in place of its name. `folder` stands before the names in the document. */
export function nameFiles(html: string, files: readonly PageFile[], folder = ''): string {
  return files.reduce(
    (text, file) => text.replaceAll(`"${folder}${file.name}"`, `"${folder}${addressOf(file)}"`),
    html,
  );
}

/** The files by their addresses. */
export function toAssets(files: readonly PageFile[]): Assets {
  return Object.fromEntries(
    files.map((file) => [addressOf(file), { type: file.type, base64: file.content.toString('base64') }]),
  );
}

/** Bundles a script or a style of this folder to what browsers of the last years run. */
export async function bundle(file: string): Promise<string> {
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
