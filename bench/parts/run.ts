import { type Contender, type ContenderName, contenders, launchOf } from '../harness/contenders.ts';
import { waitForCalm, watchOthers } from '../harness/processes.ts';
import type { Figures, Results } from '../harness/results.ts';
import { kills, runLoss } from './losses.ts';
import { coreCounts, runMemory, runOnCores } from './own.ts';
import { pipelineShapes, runPipeline } from './pipeline.ts';
import { runQueue, submitByForm, submitByPredict } from './queue.ts';
import { type Materials, runRound } from './round.ts';

export const partNames = ['rounds', 'pipeline', 'queue', 'cores', 'memory', 'losses'] as const;
type Part = (typeof partNames)[number];

export interface Run {
  readonly contenders: Readonly<Record<string, Contender>>;
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly uploads: number;
  readonly images: number;
  /** Whether to wait for a calm machine, and to measure again what others disturbed. */
  readonly mayWait: boolean;
  readonly materials: Materials;
  /** Grows while the parts run. */
  readonly results: Results;
  save(): Promise<void>;
}

/** One measurement of a contender, in so many of the rounds. */
interface Step {
  readonly part: Part;
  readonly name: string;
  measure(): Promise<Figures>;
  readonly times: number;
}

/** Everything in turn, several times, so that a slower or faster machine meanwhile concerns all alike. Kept after each measurement. */
export async function runParts(run: Run): Promise<void> {
  const steps = stepsOf(run).filter(({ part }) => run.parts.includes(part));
  const { rounds } = run.results;
  for (let index = 0; index < run.rounds; index++) {
    for (const step of steps.filter(({ times }) => index < times)) {
      const { result, others } = await (run.mayWait && step.part !== 'losses'
        ? undisturbed(step)
        : watchOthers(step.measure));
      const figures = { ...result, [`others: ${step.part}`]: others };
      rounds[index] = { ...rounds[index], [step.name]: { ...rounds[index]?.[step.name], ...figures } };
      await run.save();
      const shown = Object.entries(figures).map(([figure, value]) => `${figure} ${value.toFixed(1)}`);
      console.error(`${index + 1} of ${run.rounds}, ${step.name}: ${shown.join(', ')}`);
    }
  }
}

function stepsOf({ contenders: wanted, materials, uploads, images, rounds }: Run): Step[] {
  const step = (part: Part, name: string, measure: Step['measure'], times = rounds) =>
    ({ part, name, measure, times }) satisfies Step;
  const launch = (name: ContenderName) => launchOf(wanted[name] ?? contenders[name], materials.settings);
  const queue = (name: string, contender: Contender, way = 'queue', submit = submitByPredict) => {
    const options = { uploads, way, submit };
    return step('queue', name, () => runQueue(launchOf(contender, materials.settings), materials, options));
  };
  const all = Object.entries(wanted);
  const steps = [
    ...all
      .filter(([, { loads }]) => loads.length > 0)
      .map(([name, contender]) => step('rounds', name, () => runRound(contender, materials))),
    queue('ours', contenders.ours, 'form', submitByForm),
    queue('ours', contenders.ours),
    ...all.filter(([, { peer }]) => peer === 'celery').map(([name, contender]) => queue(name, contender)),
    ...coreCounts.map((cores) => step('cores', 'ours', () => runOnCores(cores, materials))),
    ...(['ours', 'fastapiEight', 'fastapiPool'] as const).map((name) =>
      step('memory', name, () => runMemory(launch(name), materials, images), 1),
    ),
    ...kills.map((kill) => step('losses', kill[0], () => runLoss(kill, launch(kill[0]), materials), 3)),
  ];
  const pipelines = pipelineShapes.map((shape) =>
    step('pipeline', shape.name, () => runPipeline(shape, materials.seconds)),
  );
  return [...steps.filter(({ name }) => name in wanted), ...pipelines];
}

/** Shares of a core taken by others: above this one, a measurement is done again. */
const disturbed = 0.15;

/** Measures when the machine is calm, and once again where others worked on it meanwhile; the less disturbed of two counts. */
async function undisturbed({ measure }: Step): ReturnType<typeof watchOthers<Figures>> {
  await waitForCalm();
  const first = await watchOthers(measure);
  if (first.others < disturbed) return first;
  console.error(`  others took ${(100 * first.others).toFixed(0)} % of a core meanwhile`);
  await waitForCalm();
  const second = await watchOthers(measure);
  return second.others < first.others ? second : first;
}
