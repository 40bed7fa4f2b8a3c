import { afterAll, beforeAll, expect, test } from 'vitest';
import { classifyHandler } from '../../../functions/classify/handler.ts';
import { type ReleaseCheckPorts, releaseCheckHandler } from '../../../functions/release-check/handler.ts';
import { type EmulatedService, emulatedService, fakeClassifier } from '../../support/aws/emulated-service.ts';
import { context } from '../../support/aws/events.ts';

let service: EmulatedService;
beforeAll(async () => {
  service = await emulatedService();
});
afterAll(() => service.close());

const lifecycle = { DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'hook-1' };

/** Runs the check with the real classify handler, unless a test says otherwise; resolves to what CodeDeploy was told. */
async function check(label: string, changes: Partial<ReleaseCheckPorts> = {}) {
  const reported: unknown[] = [];
  const { classifier } = fakeClassifier();
  const classify = classifyHandler({ ...service, classifier });
  const ids: string[] = [];
  const handler = releaseCheckHandler({
    ...service,
    jobs: {
      create: (job) => {
        ids.push(job.id);
        return service.jobs.create(job);
      },
      read: (id) => service.jobs.read(id),
      delete: (id) => service.jobs.delete(id),
    },
    classify: (event) => classify(event, context()),
    report: async (event, succeeded) => void reported.push([event, succeeded]),
    picture: { bytes: Buffer.from('a picture'), label },
    ...changes,
  });
  await handler(lifecycle);
  const left = await Promise.all(ids.map((id) => service.jobs.read(id)));
  return { reported, left: left.filter(Boolean), created: ids.length };
}

async function labelOfFake(): Promise<string> {
  const { classifier } = fakeClassifier();
  const { predictions } = await classifier.classify({ bytes: Buffer.from('a picture') });
  return predictions[0]?.label ?? '';
}

test('traffic may move where the new version labels the picture, and nothing of the picture stays', async () => {
  const { reported, left, created } = await check(await labelOfFake());
  expect(reported).toEqual([[lifecycle, true]]);
  expect({ created, left }).toEqual({ created: 1, left: [] });
});

test('traffic stays where the new version gives another label', async () => {
  expect((await check('something_else')).reported).toEqual([[lifecycle, false]]);
});

test('traffic stays where the new version cannot start', async () => {
  const classify = () => Promise.reject(new Error('Runtime.ImportModuleError'));
  const { reported, left } = await check('any', { classify });
  expect(reported).toEqual([[lifecycle, false]]);
  expect(left).toEqual([]);
});
