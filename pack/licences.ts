import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Packages whose files are copied. */
const copied = ['node_modules/onnxruntime-node', 'node_modules/swagger-ui-dist'];

/** The licences of the packages whose files were bundled or copied, as one text. */
export async function licencesOf(root: string, bundled: readonly string[]): Promise<string> {
  const folders = bundled.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const named = [...new Set([...folders, ...copied])].sort();
  const texts = await Promise.all(named.map((folder) => licenceOf(join(root, folder))));
  return texts.join('\n\n');
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|thirdparty)/i.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return [`=== ${name} ${version} (${license})`, ...texts].join('\n');
}
