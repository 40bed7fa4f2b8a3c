/** What becomes of images when a part fails, at the settings of a stack in AWS: five tries, 180 s of visibility, 30 s for the function. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../functions/shared/limits.ts';
import { imageKeyOf } from '../../../functions/shared/object-event.ts';
import { predict, readStatus, submit, untilEnded } from '../../support/e2e/client.ts';
import { drawJpeg } from '../../support/pictures/images.ts';
import { withVariables } from '../../support/stack/classify-environment.ts';
import { clients, deployed, messagesIn, redrive, requireDeployed } from '../../support/stack/deployed.ts';

const image = await drawJpeg();
const poison = join(import.meta.dirname, '../../support/stack/poison.ts');

/** A picture that is whole, with a word behind its end that `poison.ts` looks for. */
const poisoned = (fault: string) => Buffer.concat([image, Buffer.from(`poison:${fault}`)]);

test.runIf(deployed)(
  'a storage fault of 45 s costs no image its labels and none a try',
  { timeout: 240_000 },
  async () => {
    const fault = await withVariables({ BUCKET_NAME: 'a-bucket-that-is-not-there' });
    const jobs = [];
    try {
      for (let count = 0; count < 20; count++) jobs.push(await submit(image));
      await sleep(45_000);
      for (const { id } of jobs) {
        expect(await readStatus(id)).toMatchObject({ status: 'pending', attempts: 0 });
      }
    } finally {
      await fault[Symbol.asyncDispose]();
    }
    for (const { id } of jobs) {
      expect(await untilEnded(id, 150)).toMatchObject({ status: 'succeeded', attempts: 1 });
    }
    expect(await messagesIn(requireDeployed().deadLetterQueueUrl)).toBe(0);
  },
);

// The poison is preloaded from this machine's disk, which a function in AWS does not see.
describe.runIf(process.env.STACK_EMULATOR)('a poison image', () => {
  test('that fails each try is given up after five, serves others meanwhile, and is taken again by a redrive', {
    timeout: 180_000,
  }, async () => {
    await using _ = await withVariables({ NODE_OPTIONS: `--import=${poison}` });
    const { id } = await submit(poisoned('error'));
    expect((await predict(image)).status).toBe(200);
    const failed = await untilEnded(id, 120);
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'gave_up' },
      attempts: limits.maxTries,
    });

    const { bucket: Bucket } = requireDeployed();
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: imageKeyOf(failed), Body: image }));
    expect(await redrive('--since', failed.createdAt)).toContain('1 sent.');
    await expect
      .poll(() => readStatus(id), { timeout: 30_000 })
      .toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  // One crash and not five: each holds the message for its visibility timeout.
  test('that crashes the function has used a try, and comes again after its visibility timeout', {
    timeout: 300_000,
  }, async () => {
    const fault = await withVariables({ NODE_OPTIONS: `--import=${poison}` });
    const { id } = await submit(poisoned('SIGKILL'));
    await expect
      .poll(() => readStatus(id), { timeout: 30_000 })
      .toMatchObject({ status: 'processing', attempts: 1 });
    expect((await predict(image)).status).toBe(200);
    await fault[Symbol.asyncDispose]();
    expect(await untilEnded(id, limits.visibilitySeconds + 60)).toMatchObject({
      status: 'succeeded',
      attempts: 2,
    });
  });
});
