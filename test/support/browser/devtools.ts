import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { temporaryFolder } from '../local/server-process.ts';
import { executablePath } from './browser.ts';

/** A tab of Chromium by its bare DevTools protocol: Playwright listens to every request, which costs the browser a third of its work. */
export interface Tab extends AsyncDisposable {
  send(method: string, parameters?: object): Promise<unknown>;
  /** The value of an expression, once a promise is settled. */
  evaluate(expression: string): Promise<unknown>;
}

const answerSchema = z.object({
  id: z.number(),
  error: z.object({ message: z.string() }).optional(),
  result: z.unknown().optional(),
});
const valueSchema = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.unknown().optional(),
});
const targetsSchema = z.array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }));

/** Starts Chromium with one empty tab. */
export async function openTab(): Promise<Tab> {
  const profile = await temporaryFolder();
  const flags = ['--headless', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run'];
  const args = [
    ...flags,
    '--window-size=1200,900',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile.path}`,
  ];
  const browser = spawn(executablePath, [...args, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let port: string | undefined;
  for await (const line of createInterface({ input: browser.stderr })) {
    port = /^DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(line)?.[1];
    if (port !== undefined) break;
  }
  browser.stderr.resume();
  const targets = targetsSchema.parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
  const tab = await connect(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
  return {
    ...tab,
    async [Symbol.asyncDispose]() {
      browser.kill('SIGKILL');
      await once(browser, 'exit');
      await profile[Symbol.asyncDispose]();
    },
  };
}

async function connect(address: string): Promise<Pick<Tab, 'send' | 'evaluate'>> {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  socket.addEventListener('message', ({ data }) => {
    const answer = answerSchema.safeParse(JSON.parse(data));
    if (!answer.success) return;
    const { id, error, result } = answer.data;
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  let id = 0;
  const send: Tab['send'] = (method, params = {}) => {
    const answer = Promise.withResolvers<unknown>();
    waiting.set(++id, answer);
    socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  };
  const evaluate: Tab['evaluate'] = async (expression) => {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = valueSchema.parse(await send('Runtime.evaluate', options));
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  return { send, evaluate };
}
