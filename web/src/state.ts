import type { Failure } from '../../client/failure.ts';
import { labelText, percentText } from '../../client/format.ts';
import { make } from './dom.ts';
import type { Phase } from './picture.ts';
import type { Scored } from './store.ts';

/** What a card shows of a picture's phase. */
export function renderState(phase: Phase, name: string): HTMLElement {
  switch (phase.kind) {
    case 'waiting':
      return make('div', { class: 'wait' }, make('p', {}, 'Waiting for its turn'));
    case 'sending':
      return sending(phase, name);
    case 'classifying':
      return classifying(phase.connected);
    case 'labelled':
      return labelled(phase.labels);
    case 'failed':
      return failed(phase.failure);
  }
}

function sending({ progress, connected }: Extract<Phase, { kind: 'sending' }>, name: string): HTMLElement {
  const percent = Math.round(progress * 100);
  const bar = make('progress', { max: '100', value: `${percent}`, 'aria-label': `Upload of ${name}` });
  const words = progress < 1 ? `Sending, ${percent}%` : 'Sent';
  return make('div', { class: 'wait' }, make('p', {}, connected ? words : lost), bar);
}

function classifying(connected: boolean): HTMLElement {
  const pulse = make('div', { class: 'pulse', 'aria-hidden': 'true' }, make('i'));
  return make('div', { class: 'wait' }, make('p', {}, connected ? 'Looking at it…' : lost), pulse);
}

const lost = 'No connection. Trying again…';

/** Below this score the best label is wrong more often than right, and the page does not assert it. */
const sureFrom = 0.3;

/** Whether the model has no clear favourite. */
export function isUnsure(phase: Phase): boolean {
  return phase.kind === 'labelled' && (phase.labels[0]?.score ?? 0) < sureFrom;
}

function labelled(labels: readonly Scored[]): HTMLElement {
  const unsure = isUnsure({ kind: 'labelled', labels });
  const list = make('ol', { class: 'labels' }, ...labels.map(labelRow));
  const note = make('p', { class: 'unsure' }, labels.length > 0 ? 'Not sure. Perhaps:' : 'No label fits.');
  return make('div', unsure ? { class: 'guess' } : {}, ...(unsure ? [note] : []), list);
}

function labelRow({ label, score }: Scored): HTMLElement {
  const fill = make('i');
  // Set by script: the page's policy has no place for style attributes.
  fill.style.width = `${score * 100}%`;
  const bar = make('div', { class: 'bar', 'aria-hidden': 'true' }, fill);
  return make('li', {}, make('span', {}, labelText(label)), make('b', {}, percentText(score)), bar);
}

function failed({ code, message }: Failure): HTMLElement {
  return make('div', { class: 'failed' }, make('strong', {}, failureTitle(code)), message);
}

/** What went wrong, in a few words: failures of one kind share them. */
export function failureTitle(code: string): string {
  return titles[code] ?? 'That did not work';
}

const titles: Readonly<Record<string, string>> = {
  unsupported_image: 'Not a picture that can be read',
  unsupported_variant: 'A kind of picture that cannot be read',
  corrupt_image: 'A damaged picture',
  too_many_pixels: 'Too many pixels',
  too_costly: 'Too much work to read',
  image_too_large: 'Too large',
  empty_file: 'An empty file',
  unreachable: 'No connection',
  busy: 'The service is busy',
  not_found: 'No longer here',
  gone: 'No longer here',
};

/** The phase in a sentence, for those who cannot see it; `undefined` while there is more to come. */
export function describeEnd(phase: Phase, name: string): string | undefined {
  if (phase.kind === 'failed') return `${name} failed: ${phase.failure.message}`;
  if (phase.kind !== 'labelled') return undefined;
  const best = phase.labels[0];
  if (best === undefined) return `${name}: no label fits.`;
  const doubt = isUnsure(phase) ? 'not sure, perhaps ' : '';
  return `${name}: ${doubt}${labelText(best.label)}, ${percentText(best.score)}.`;
}
