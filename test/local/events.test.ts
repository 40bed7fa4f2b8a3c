import { expect, test } from 'vitest';
import { jobSchema } from '../../functions/shared/job.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { drawJpeg } from '../support/pictures/images.ts';

test('A result is in the event stream within 50 ms of being written', async () => {
  await using service = await startLocalService();
  const delays: number[] = [];
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
  }
  expect(delays).toHaveLength(10);
  // One may meet a pause of the machine.
  expect(delays.toSorted((a, b) => a - b)[8]).toBeLessThanOrEqual(50);
});
