import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKnownPicture } from '../../aws/known-picture.ts';
import { canaryHandler } from '../../functions/canary/handler.ts';
import type { KnownPicture } from '../../functions/shared/known-picture.ts';
import { layKnownPicture } from '../../infra/build/known-picture.ts';
import { buildModel } from '../../layers/model/build/index.ts';
import { context } from '../support/aws/events.ts';
import { at } from '../support/e2e/client.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { silentTelemetry } from '../support/telemetry.ts';

let dir: string;
let picture: KnownPicture;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'canary-'));
  const { MODEL_WEIGHTS: weights, MODEL_LABELS: labels } = await modelEnvironment();
  const model = await buildModel({ weights, labels, cacheDir: join(dir, 'model') });
  await layKnownPicture(model.dir, [dir]);
  picture = await readKnownPicture(dir);
});
afterAll(() => rm(dir, { recursive: true }));

const canary = (label: string) =>
  canaryHandler({
    url: String(at('.')),
    picture: { ...picture, label },
    telemetry: silentTelemetry,
    slowMilliseconds: 20_000,
  });

test('the canary finds nothing wrong with a service that works', async () => {
  await canary(picture.label)({}, context());
});

test('the canary finds out that a service gives another label', async () => {
  await expect(canary('of_another_model')({}, context())).rejects.toThrow(
    'for a picture of of_another_model',
  );
});
