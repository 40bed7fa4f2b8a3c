import { expect, test } from 'vitest';
import { jobSchema } from '../../functions/shared/job.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { drawJpeg } from '../support/pictures/images.ts';

/**
 * The promise holds for a machine that is not busy. A busy one delays every answer, so each result is compared with how long the
 * same server takes, just then, to answer a request that does nothing.
 */
test('A result is in the event stream within 50 ms of being written', async () => {
  await using service = await startLocalService();
  const delays: number[] = [];
  const answers: number[] = [];
  for (let variant = 0; variant < 10; variant++) {
    const body = new Uint8Array(await drawJpeg(600, 450, variant));
    const headers = { Prefer: 'respond-async' };
    const accepted = await fetch(`${service.url}predict`, { method: 'POST', body, headers });
    const { id } = jobSchema.parse(await accepted.json());
    const events = await fetch(`${service.url}status/${id}/events`);
    for await (const chunk of events.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const arrived = Date.now();
      const data =
        /"status":"succeeded".*"finishedAt":"([^"]+)"|"finishedAt":"([^"]+)".*"status":"succeeded"/.exec(
          chunk,
        );
      const finishedAt = data?.[1] ?? data?.[2];
      if (finishedAt !== undefined) delays.push(arrived - Date.parse(finishedAt));
    }
    const asked = Date.now();
    await (await fetch(`${service.url}health`)).text();
    answers.push(Date.now() - asked);
  }
  expect(delays).toHaveLength(10);
  // One may meet a pause of the machine.
  expect(ninth(delays)).toBeLessThanOrEqual(50 + ninth(answers));
});

const ninth = (values: readonly number[]) => values.toSorted((a, b) => a - b)[8] ?? Number.NaN;
