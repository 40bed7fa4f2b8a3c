import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { baseImage, pinImage, pinnedImage } from '../../infra/base-image.ts';
import { freePort } from '../../infra/emulator/free-port.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
let dir: string;
let origin: string;
/** A registry that knows one image, and only for whoever has asked for a token. */
const registry = createServer(({ url, method, headers }, response) => {
  if (url?.startsWith('/token/')) return void response.end(JSON.stringify({ token: 'granted' }));
  const known = url === '/v2/lambda/nodejs/manifests/24' && method === 'HEAD';
  const indexed = headers.accept?.includes('application/vnd.oci.image.index.v1+json');
  if (!known || !indexed || headers.authorization !== 'Bearer granted')
    return void response.writeHead(404).end();
  response.writeHead(200, { 'Docker-Content-Digest': digest }).end();
});

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'base-image-'));
  const port = await freePort();
  await new Promise<void>((resolve) => registry.listen(port, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  registry.close();
  await rm(dir, { recursive: true });
});

test('the base image is pinned to the digest that the registry names', async () => {
  const file = join(dir, 'base-image.json');
  expect(pinnedImage(file)).toBeUndefined();
  await pinImage(file, origin);
  expect(pinnedImage(file)).toBe(`public.ecr.aws/lambda/nodejs:24@${digest}`);
});

test('the image that is pinned is the one that the Dockerfile builds from', async () => {
  const dockerfile = await readFile(join(import.meta.dirname, '../../functions/classify/Dockerfile'), 'utf8');
  const { registry: host, repository, tag } = baseImage;
  expect(dockerfile).toMatch(new RegExp(`^ARG BASE_IMAGE=${host}/${repository}:${tag}$`, 'm'));
  expect(dockerfile).toMatch(/^FROM \$\{BASE_IMAGE\}$/m);
});

test('a registry that does not know the image is an error', async () => {
  await expect(pinImage(join(dir, 'none.json'), `${origin}/elsewhere`)).rejects.toThrow();
});
