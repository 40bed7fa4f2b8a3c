import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { GetObjectCommand, HeadObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createClients } from '../../../aws/clients.ts';
import { S3ImageStore } from '../../../aws/stores/s3-image-store.ts';
import '../../support/aws/emulators.ts';

/** A store in front of a storage that answers as told. */
async function storeOver(answer: RequestListener, options = {}) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { s3 } = createClients({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1' });
  return new S3ImageStore(s3, { bucket: 'images', ...options });
}

/** Gives the test a clock of its own for these functions. */
function useClock(...toFake: ('Date' | 'setTimeout' | 'clearTimeout')[]): void {
  vi.useFakeTimers({ toFake });
  onTestFinished(() => void vi.useRealTimers());
}

const problem = (status: number, code: string): RequestListener => {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  };
};

describe('a body', () => {
  test('that stops arriving is given up on time, and its connection is closed', async () => {
    useClock('setTimeout', 'clearTimeout');
    const [begun, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const images = await storeOver(
      (request, response) => {
        response.writeHead(200, { 'Content-Length': '1000' }).write('half', () => begun.resolve());
        request.socket.once('close', () => closed.resolve());
      },
      { readMilliseconds: 300 },
    );
    const outcome = vi.fn();
    const read = images.get('inline/1').catch(outcome);
    await begun.promise;
    await vi.advanceTimersByTimeAsync(299);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await read;
    expect(String(outcome.mock.lastCall)).toContain('did not deliver inline/1 in 300 ms');
    await closed.promise;
  });

  test('that trickles is given up on time too', async () => {
    const images = await storeOver(
      (_, response) => {
        response.writeHead(200, { 'Content-Length': '1000' });
        const drip = setInterval(() => response.write('.'), 50);
        response.once('close', () => clearInterval(drip));
      },
      { readMilliseconds: 300 },
    );
    await expect(images.get('inline/1')).rejects.toThrow('did not deliver');
  });

  test('that breaks off is an error, never a shorter image', async () => {
    const images = await storeOver((request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' }).write('half', () => request.socket.destroy());
    });
    await expect(images.get('inline/1')).rejects.toThrow(Error);
  });

  test('of more bytes than any way in admits is refused without reading it', async () => {
    const images = await storeOver(
      (_, response) => response.writeHead(200, { 'Content-Length': '1001' }).flushHeaders(),
      { maxBytes: 1000 },
    );
    await expect(images.get('inline/1')).rejects.toMatchObject({ name: 'Problem', code: 'image_too_large' });
  });
});

describe('storage', () => {
  test('that asks to slow down is asked again', async () => {
    let tries = 0;
    const images = await storeOver((request, response) => {
      tries += 1;
      if (tries === 1) return problem(503, 'SlowDown')(request, response);
      response.writeHead(200, { 'Content-Length': '5' }).end('image');
    });
    expect(Buffer.from((await images.get('inline/1'))?.bytes ?? []).toString()).toBe('image');
    expect(tries).toBe(2);
  });

  test('that knows no such key says that there is no image', async () => {
    const images = await storeOver(problem(404, 'NoSuchKey'));
    expect(await images.get('inline/1')).toBeUndefined();
    expect(await images.exists('inline/1')).toBe(false);
  });

  test('that refuses access is an error, as the image may well be there', async () => {
    const { s3 } = createClients({ region: 'us-east-1' });
    const expired = () =>
      new S3ServiceException({ name: 'ExpiredToken', message: 'expired', $fault: 'client', $metadata: {} });
    mockClient(s3).on(GetObjectCommand).rejects(expired()).on(HeadObjectCommand).rejects(expired());
    const images = new S3ImageStore(s3, { bucket: 'images' });
    await expect(images.get('inline/1')).rejects.toMatchObject({ name: 'ExpiredToken' });
    await expect(images.exists('inline/1')).rejects.toMatchObject({ name: 'ExpiredToken' });
  });
});

describe('an upload form', () => {
  const terms = { key: 'uploads/1', contentType: 'image/jpeg', maxBytes: 1000 };

  test('has a policy of exact fields, and ends when it should', async () => {
    useClock('Date');
    vi.setSystemTime('2026-11-24T12:00:00.400Z');
    const expiresAt = new Date('2026-11-24T12:15:00.700Z');
    const images = new S3ImageStore(createClients({ region: 'us-east-1' }).s3, { bucket: 'images' });
    const { url, fields } = await images.presignUpload({ ...terms, expiresAt });
    const policy = JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString());
    expect(url).toBe('https://images.s3.us-east-1.amazonaws.com/');
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        ['content-length-range', 1, 1000],
        { key: 'uploads/1' },
        { bucket: 'images' },
        { 'Content-Type': 'image/jpeg' },
      ]),
    );
    // In whole seconds from now, and never later than asked for.
    expect(new Date(policy.expiration)).toEqual(new Date('2026-11-24T12:15:00Z'));
  });

  // No emulator compares it, so this follows AWS' own steps.
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
  test('is signed as AWS checks it', async () => {
    const images = new S3ImageStore(createClients({ region: 'us-east-1' }).s3, { bucket: 'images' });
    const { fields } = await images.presignUpload({ ...terms, expiresAt: new Date(Date.now() + 900_000) });
    const [accessKey, ...scope] = (fields['X-Amz-Credential'] ?? '').split('/');
    expect([accessKey, ...scope.slice(1)]).toEqual([
      process.env.AWS_ACCESS_KEY_ID,
      'us-east-1',
      's3',
      'aws4_request',
    ]);
    const sign = (key: string | Buffer, text = '') => createHmac('sha256', key).update(text).digest();
    const signingKey = scope.reduce<string | Buffer>(sign, `AWS4${process.env.AWS_SECRET_ACCESS_KEY}`);
    expect(fields['X-Amz-Signature']).toBe(sign(signingKey, fields.Policy).toString('hex'));
  });

  test('asked for again after its time is over, as a repeated old request may, has expired', async () => {
    const images = new S3ImageStore(createClients({ region: 'us-east-1' }).s3, { bucket: 'images' });
    const { fields } = await images.presignUpload({ ...terms, expiresAt: new Date(Date.now() - 60_000) });
    const policy = JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString());
    expect(Date.parse(policy.expiration)).toBeLessThan(Date.now());
  });
});
