import { describe, expect, test } from 'vitest';
import { withCompressed } from '../../../infra/build/compressed.ts';
import { buildDocs } from '../../../web/docs/build.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, the answer of a function. */
const lambdaBytes = 6 * 2 ** 20;

describe('The built page of the documentation', async () => {
  const { html, contentSecurityPolicy, assets } = await buildDocs();

  test('loads files of its own service only, each named by a digest', () => {
    const loaded = [...html.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]+)"/g)].map(
      ([, address]) => address,
    );
    const files = loaded.filter((address) => !address?.startsWith('data:'));
    expect(files.toSorted()).toEqual(
      Object.keys(assets)
        .map((name) => `assets/${name}`)
        .toSorted(),
    );
    for (const name of Object.keys(assets)) expect(name).toMatch(/^[a-z-]+\.[0-9a-f]{10}\.(js|css)$/);
  });

  test('runs no script that stands in the document, and lets no other page embed it', () => {
    expect(contentSecurityPolicy).toContain("script-src 'self';");
    expect(contentSecurityPolicy).toContain("frame-ancestors 'none'");
    expect(html).not.toMatch(/<script(?![^>]* src=)|\son\w+=/);
  });

  test('asks for no source map, and for no style from elsewhere', () => {
    for (const { base64 } of Object.values(assets)) {
      const text = Buffer.from(base64, 'base64').toString();
      expect(text).not.toContain('sourceMappingURL');
      expect(text).not.toMatch(/@import|url\(["']?https?:/);
    }
  });

  test('fits what a Lambda may answer, and is compressed by the build to a quarter', async () => {
    const { assets: built } = await withCompressed({ html, contentSecurityPolicy, assets });
    const [largest = { base64: '', compressed: undefined }] = Object.values(built).toSorted(
      (one, other) => other.base64.length - one.base64.length,
    );
    expect(largest.base64.length).toBeLessThan(lambdaBytes);
    expect(largest.compressed?.br.length).toBeLessThan(largest.base64.length / 4);
    expect(largest.compressed?.gzip.length).toBeLessThan(largest.base64.length / 3);
  }, 60_000);
});
