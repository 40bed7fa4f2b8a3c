import type { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel, keepAlive } from '../harness/client.ts';
import type { ContenderName, Launch } from '../harness/contenders.ts';
import { findProcesses } from '../harness/processes.ts';
import type { Figures } from '../harness/results.ts';
import { signal, startServer } from '../harness/server.ts';
import { endOf, submitByPredict } from './queue.ts';
import type { Materials } from './round.ts';

/** What is killed: the newest process whose command line matches, or all that match. */
type Kill = readonly [contender: ContenderName, name: string, victim: RegExp, which: 'newest' | 'all'];

const celeryWorker = /-m celery .*worker/;

export const kills: readonly Kill[] = [
  ['ours', 'a worker process', /local\/workers\/worker\.ts/, 'newest'],
  ['ours', 'the server', /^\S*node .*local\/main\.ts/, 'all'],
  ['celery', 'a worker process', celeryWorker, 'newest'],
  ['celery', 'the worker with its processes', celeryWorker, 'all'],
  ['celery', 'the broker', /redis-server/, 'all'],
  ['celerySnapshots', 'the broker', /redis-server/, 'all'],
];

/** Photos submitted in all, and milliseconds into that. */
const [photosInAll, killAfter] = [400, 1000];
/** Longer than any message stays hidden: 30 s for both. */
const patience = 60_000;

/**
 * Kills a part of a service (SIGKILL) that takes jobs and works on them, and counts what was answered with an id and never ended. Each
 * part is started again at once, as a supervisor would.
 */
export async function runLoss(
  [, name, victim, which]: Kill,
  launch: Launch,
  { photos, probe }: Materials,
): Promise<Figures> {
  await using server = await startServer(supervised(launch), probe);
  const agent = keepAlive(8);
  const accepted: string[] = [];
  const submitting = inParallel(Array.from({ length: photosInAll }).keys(), 8, async (index) => {
    const submitted = submitByPredict(server.url, photos[index % photos.length] ?? probe, agent);
    // A refusal is no loss: its client knows.
    await submitted.then(
      (statusUrl) => accepted.push(statusUrl),
      () => sleep(100),
    );
  });
  await sleep(killAfter);
  const found = await findProcesses(server.pid, victim);
  if (found.length === 0) throw new Error(`${launch.title}: nothing matches ${victim}.`);
  for (const pid of which === 'all' ? found : found.slice(-1)) signal(pid, 'SIGKILL');
  const killed = performance.now();
  await submitting;
  const { lost, ended } = await waitForAll(accepted, agent);
  agent.destroy();
  return {
    [`accepted: ${name}`]: accepted.length,
    [`lost: ${name}`]: lost,
    [`seconds: ${name}`]: (ended - killed) / 1000,
  };
}

/** Starts again what ends. Celery's script does so itself. */
function supervised(launch: Launch): Launch {
  if (launch.command.includes('./celery.sh')) return launch;
  return { ...launch, command: ['sh', '-c', 'while :; do "$0" "$@"; done', ...launch.command] };
}

/** Waits until all have ended, or none has for a while. */
async function waitForAll(statusUrls: readonly string[], agent: Agent) {
  let left = [...statusUrls];
  let ended = performance.now();
  while (left.length > 0 && performance.now() - ended < patience) {
    const still: string[] = [];
    await inParallel(left, 8, async (statusUrl) => {
      // Whoever does not answer, or says the job is unknown or failed, has not given a result.
      const end = await endOf(statusUrl, agent).catch(() => undefined);
      if (end === undefined) still.push(statusUrl);
    });
    if (still.length < left.length) ended = performance.now();
    left = still;
    await sleep(500);
  }
  return { lost: left.length, ended };
}
