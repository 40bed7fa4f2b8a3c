import { type Coding, compress, isWorthCompressing } from '../../functions/shared/http/compression.ts';
import type { BuiltPage } from '../../web/build.ts';

interface CompressedAsset {
  readonly type: string;
  readonly base64: string;
  readonly compressed?: Readonly<Record<Coding, string>>;
}

interface CompressedPage extends BuiltPage {
  readonly assets: Readonly<Record<string, CompressedAsset>>;
}

/** A page whose files have their compressed forms beside them, so that the site function need not spend time on that. */
export async function withCompressed(page: BuiltPage): Promise<CompressedPage> {
  const assets = await Promise.all(
    Object.entries(page.assets).map(async ([name, asset]) => [name, await withForms(asset)] as const),
  );
  return { ...page, assets: Object.fromEntries(assets) };
}

async function withForms(asset: BuiltPage['assets'][string]): Promise<CompressedAsset> {
  const bytes = Buffer.from(asset.base64, 'base64');
  if (!isWorthCompressing(asset.type, bytes.length)) return asset;
  const form = async (coding: Coding) => (await compress(bytes, coding, 'build')).toString('base64');
  const [br, gzip] = await Promise.all([form('br'), form('gzip')]);
  return { ...asset, compressed: { br, gzip } };
}
