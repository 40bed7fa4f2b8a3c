import { once } from 'node:events';
import { connect } from 'node:net';
import { at, problem } from '../e2e/client.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends bytes as they are to the service under test, and resolves to the first answer, whether the connection is closed or not. */
export async function sendRaw(bytes: string): Promise<RawAnswer> {
  const { hostname, port } = at('');
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(bytes);
  let received = '';
  for await (const chunk of socket.setEncoding('latin1').iterator({ destroyOnReturn: true })) {
    received += chunk;
    const answer = parse(received);
    if (answer !== undefined) return answer;
  }
  throw new Error(`No whole answer came: ${JSON.stringify(received)}`);
}

/** The same, for an answer that must be a problem. */
export async function rawProblem(bytes: string) {
  const { status, headers, body } = await sendRaw(bytes);
  return {
    status,
    type: headers.get('content-type'),
    nosniff: headers.get('x-content-type-options'),
    code: problem.parse(JSON.parse(body)).code,
  };
}

function parse(received: string): RawAnswer | undefined {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
  if (rest.length === 0 || body.length < Number(headers.get('content-length') ?? 0)) return undefined;
  return { status: Number(first.split(' ')[1]), headers, body };
}
