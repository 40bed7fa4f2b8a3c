import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { command } from '../../functions/shared/command.ts';
import { UsageError } from '../../functions/shared/usage-error.ts';
import { Progress } from '../predict/progress.ts';
import { estimateCost } from './cost.ts';
import { followRun } from './follow.ts';
import { findLabelled, type IsLabelled } from './labelled.ts';
import type { BackfillOptions } from './options.ts';
import { type RunState, readRunState, writeRunState } from './run-file.ts';
import { lastKeyOf, listTodo, pendingObjects, sendAll } from './send-all.ts';

/** The stack that does the work. */
export interface Stack {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** Its own bucket, which holds the labels. */
  readonly bucketName: string;
  readonly dropQueueUrl: string;
  /** The digest of its model, where it is known. */
  readonly modelDigest: string | undefined;
}

export interface Terminal {
  readonly say: (line: string) => void;
  readonly stderr: { readonly isTTY?: boolean; write(text: string): unknown };
  /** Aborts when the person at the terminal wants to stop. */
  readonly signal: AbortSignal;
  /** Where the places of runs are kept. */
  readonly runsDir: string;
}

/** Has a stack label what is under a prefix of a bucket. Resolves to the exit status. */
export async function backfillBucket(
  options: BackfillOptions,
  stack: Stack,
  terminal: Terminal,
): Promise<number> {
  const { path, state: start } = await openRun(options, terminal);
  const isLabelled = start.again ? () => false : await knownLabels(start, stack, terminal);
  const todo = await countTodo(start, stack, isLabelled);
  terminal.say(describe(start, todo));
  if (options.dryRun || todo.objects === 0) return 0;
  if (!options.yes && options.resume === undefined) await ask(terminal);
  const progress = new Progress(terminal.stderr, start.sentObjects + todo.objects);
  let state = start;
  let isAll = start.isListed;
  const giveUp = new AbortController();
  const following = followRun({
    client: stack.s3,
    bucket: stack.bucketName,
    run: start.run,
    progress,
    sent: () => ({ objects: state.sentObjects, isAll }),
    signal: AbortSignal.any([terminal.signal, giveUp.signal]),
  });
  // Where sending fails, that is the error to be told of.
  following.catch(() => {});
  const keep = async (next: RunState) => {
    state = next;
    await writeRunState(path, state);
  };
  await sendAll(start, stack, isLabelled, { ...terminal, keep }).catch((error: unknown) => {
    giveUp.abort();
    throw error;
  });
  isAll = state.isListed;
  await following;
  progress.clear();
  if (terminal.signal.aborted) return stopped(path, state, terminal);
  terminal.say(`${progress.summary()} See them with: ${command('results', state.run)}`);
  return progress.failed > 0 ? 1 : 0;
}

async function openRun(
  options: BackfillOptions,
  { runsDir }: Terminal,
): Promise<{ path: string; state: RunState }> {
  if (options.resume !== undefined)
    return { path: options.resume, state: await readRunState(options.resume) };
  const [bucket = '', ...prefix] = (options.source ?? '').replace('s3://', '').split('/');
  if (bucket === '') throw new UsageError('Name a bucket, such as s3://photos/2026/.');
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, '-');
  const run = `${time}-${randomBytes(3).toString('hex')}`;
  const state = {
    run,
    bucket,
    prefix: prefix.join('/'),
    again: options.again,
    sample: options.sample,
    rate: options.rate,
    sentObjects: 0,
    nextPart: 0,
    skipped: 0,
    pending: [],
    isListed: false,
  };
  return { path: join(runsDir, `${run}.json`), state };
}

async function knownLabels(state: RunState, stack: Stack, { say }: Terminal): Promise<IsLabelled> {
  say('Looking for objects that have labels already …');
  return findLabelled(stack.s3, stack.bucketName, state, stack.modelDigest);
}

async function countTodo(state: RunState, stack: Stack, isLabelled: IsLabelled) {
  let [objects, bytes, skipped] = [pendingObjects(state), 0, 0];
  const ahead = { ...state, lastKey: lastKeyOf(state) };
  const skip = () => void skipped++;
  if (!state.isListed) {
    for await (const { size } of listTodo(ahead, stack, isLabelled, skip)) {
      objects++;
      bytes += size;
    }
  }
  return { objects, bytes, skipped };
}

function describe(
  { bucket, prefix, sentObjects }: RunState,
  todo: Awaited<ReturnType<typeof countTodo>>,
): string {
  const count = (number: number) => number.toLocaleString('en');
  return [
    `s3://${bucket}/${prefix}: ${count(todo.objects)} images to label, ${(todo.bytes / 2 ** 30).toFixed(2)} GiB.`,
    ...(sentObjects > 0 ? [`${count(sentObjects)} were sent before.`] : []),
    ...(todo.skipped > 0 ? [`${count(todo.skipped)} have labels already.`] : []),
    `Estimated cost: $${estimateCost(todo.objects).toFixed(2)} (list prices, us-east-1; reading from another region costs more).`,
  ].join('\n');
}

/** @throws {UsageError} where there is no terminal to ask on, or the answer is not yes. */
async function ask({ stderr }: Terminal): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError('Nobody can be asked here: say --yes to start.');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question('Start? [y/N] ');
  prompt.close();
  if (!/^y(es)?$/i.test(answer)) throw new UsageError('Nothing was sent.');
  stderr.write('\n');
}

function stopped(path: string, { sentObjects }: RunState, { say }: Terminal): number {
  say(`Stopped. ${sentObjects.toLocaleString('en')} images were sent and will be labelled.`);
  say(`Go on with: ${command('backfill', `--resume ${path}`)}`);
  return 130;
}
