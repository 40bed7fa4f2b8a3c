import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { APIGatewayProxyResult } from 'aws-lambda';

/** The bytes of an answer as a client sees them, once it has undone the compression. */
export function bytesOf({ body, headers, isBase64Encoded }: APIGatewayProxyResult): Buffer {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  const coding = headers?.['Content-Encoding'];
  if (coding === undefined) return bytes;
  return coding === 'br' ? brotliDecompressSync(bytes) : gunzipSync(bytes);
}

export function textOf(answer: APIGatewayProxyResult): string {
  return bytesOf(answer).toString();
}
