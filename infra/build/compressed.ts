import { codings, compress, isWorthCompressing } from '../../functions/shared/http/compression.ts';
import type { BuiltPage } from '../../web/build.ts';

/** A page whose files have their compressed forms beside them, so that the site function need not spend time on that. */
export async function withCompressed(page: BuiltPage) {
  const assets = await Promise.all(
    Object.entries(page.assets).map(async ([name, asset]) => [name, await withForms(asset)] as const),
  );
  return { ...page, assets: Object.fromEntries(assets) };
}

async function withForms(asset: BuiltPage['assets'][string]) {
  const bytes = Buffer.from(asset.base64, 'base64');
  if (!isWorthCompressing(asset.type, bytes.length)) return asset;
  const forms = codings.map(async (coding) => [
    coding,
    (await compress(bytes, coding, 'build')).toString('base64'),
  ]);
  return { ...asset, compressed: Object.fromEntries(await Promise.all(forms)) };
}
