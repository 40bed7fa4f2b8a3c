/** `npm run pin:image`: asks the registry for the digest of the container's base image, and writes it down for every build to come. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** The image that functions/classify/Dockerfile builds from. */
export const baseImage = { registry: 'public.ecr.aws', repository: 'lambda/nodejs', tag: '24' } as const;

const lockFile = join(import.meta.dirname, 'base-image.json');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const lock = z.strictObject({ image: z.string(), digest });

/** The base image with its digest; `undefined` where nobody has pinned it yet. */
export function pinnedImage(file = lockFile): string | undefined {
  if (!existsSync(file)) return undefined;
  const read = lock.parse(JSON.parse(readFileSync(file, 'utf8')));
  return `${read.image}@${read.digest}`;
}

/** An index of images for several architectures: one digest for both of ours. */
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const token = z.object({ token: z.string() });

/**
 * Asks a registry what a tag names now (https://distribution.github.io/distribution/spec/api/#pulling-an-image-manifest).
 * @throws {Error} where it does not answer with a digest.
 */
export async function readDigest(origin: string, repository: string, tag: string): Promise<string> {
  const granted = await fetch(`${origin}/token/?scope=repository:${repository}:pull`);
  const { token: bearer } = token.parse(await granted.json());
  const response = await fetch(`${origin}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { Accept: indexTypes.join(', '), Authorization: `Bearer ${bearer}` },
  });
  const found = digest.safeParse(response.headers.get('Docker-Content-Digest'));
  if (response.ok && found.success) return found.data;
  throw new Error(`${origin} answered ${response.status} without a digest for ${repository}:${tag}.`);
}

/** Writes what {@link pinnedImage} reads. */
export async function pinImage(file: string, origin: string): Promise<string> {
  const { registry, repository, tag } = baseImage;
  const pinned = {
    image: `${registry}/${repository}:${tag}`,
    digest: await readDigest(origin, repository, tag),
  };
  await writeFile(file, `${JSON.stringify(pinned, null, 2)}\n`);
  return pinned.digest;
}

if (import.meta.main) {
  try {
    console.log(`Pinned to ${await pinImage(lockFile, `https://${baseImage.registry}`)}.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
