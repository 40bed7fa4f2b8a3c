import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { eventStream } from '../../../functions/status/event-stream.ts';
import { outcome } from '../../support/api/scenarios.ts';
import { type Service, startService } from '../../support/api/service.ts';
import { starting } from '../../support/jobs.ts';

const chosen = { top: 3, threshold: 0 };

describe("A job's event stream", () => {
  let service: Service;
  let gone: AbortController;
  beforeEach(async () => {
    service = await startService();
    gone = new AbortController();
  });
  afterEach(() => service[Symbol.asyncDispose]());

  const open = (id: string, lastVersion = 0, heartbeatSeconds = 15) =>
    eventStream(service.jobs, id, { chosen, lastVersion, signal: gone.signal, heartbeatSeconds });
  const next = async (stream: AsyncGenerator<string>) => (await stream.next()).value ?? '';

  test('tells each state as it comes, by its version, and ends with the last', async () => {
    const { id } = await service.create({});
    const stream = open(id);
    expect(await next(stream)).toBe('retry: 1000\n\n');
    expect(await next(stream)).toMatch(/^id: 1\nevent: status\ndata: \{.*"status":"pending".*\}\n\n$/);
    const processing = next(stream);
    await service.transition(id, starting());
    expect(await processing).toMatch(/^id: 2\n.*"status":"processing"/s);
    const succeeded = next(stream);
    await service.transition(id, { to: 'succeeded', at: new Date(), outcome });
    expect(await succeeded).toMatch(/^id: 3\n.*"label":"tench"/s);
    expect((await stream.next()).done).toBe(true);
  });

  test('goes on after what a client has seen', async () => {
    const { id } = await service.create({});
    const stream = open(id, 1);
    await next(stream);
    const succeeded = next(stream);
    await service.transition(id, { to: 'succeeded', at: new Date(), outcome });
    expect(await succeeded).toMatch(/^id: 2\n/);
  });

  test('says that the job was deleted, and ends', async () => {
    const { id } = await service.create({});
    const stream = open(id, 1);
    await next(stream);
    const deleted = next(stream);
    await service.jobs.delete(id);
    expect(await deleted).toBe('event: deleted\ndata: {}\n\n');
    expect((await stream.next()).done).toBe(true);
  });

  test('gives a sign of life while nothing happens', async () => {
    const { id } = await service.create({});
    const stream = open(id, 1, 0.01);
    await next(stream);
    expect([await next(stream), await next(stream)]).toEqual([': still here\n\n', ': still here\n\n']);
    gone.abort();
    expect((await stream.next()).done).toBe(true);
  });

  test('where answers are buffered has the newest state and when to ask again, until 204 says that was all', async () => {
    const { id } = await service.create({});
    const ask = (seen: string) =>
      service.ask({ path: `/status/${id}/events`, headers: { 'Last-Event-ID': seen } });
    expect((await ask('')).body).toMatch(/^retry: 1000\n\nid: 1\n/);
    expect((await ask('1')).body).toBe('retry: 1000\n\n');
    await service.transition(id, { to: 'succeeded', at: new Date(), outcome });
    expect((await ask('1')).body).toMatch(/^retry: 1000\n\nid: 2\n/);
    expect((await ask('2')).statusCode).toBe(204);
    const headers = z.record(z.string(), z.string()).parse((await ask('1')).headers);
    expect(headers['Content-Type']).toBe('text/event-stream');
  });
});
