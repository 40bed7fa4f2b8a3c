import type { Prediction } from '../../client/client.ts';
import type { Failure } from '../../client/failure.ts';
import { labelText, percentText } from '../../client/format.ts';
import { make } from './dom.ts';
import type { Phase } from './picture.ts';

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
      return labels(phase.job.predictions ?? []);
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

function labels(predictions: readonly Prediction[]): HTMLElement {
  const rows = predictions.map(({ label, score }) => {
    const fill = make('i');
    // Set by script: the page's policy has no place for style attributes.
    fill.style.width = `${score * 100}%`;
    const text = labelText(label);
    return make(
      'li',
      {},
      make('span', { title: text }, text),
      make('b', {}, percentText(score)),
      make('div', { class: 'bar', 'aria-hidden': 'true' }, fill),
    );
  });
  return make('ol', { class: 'labels' }, ...rows);
}

function failed({ code, message }: Failure): HTMLElement {
  const title = titles[code] ?? 'That did not work';
  return make('div', { class: 'failed' }, make('strong', {}, title), message);
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
  not_found: 'No longer here',
  gone: 'No longer here',
};

/** The phase in a sentence, for those who cannot see it; `undefined` while there is more to come. */
export function describeEnd(phase: Phase, name: string): string | undefined {
  if (phase.kind === 'failed') return `${name} failed: ${phase.failure.message}`;
  if (phase.kind !== 'labelled') return undefined;
  const best = phase.job.predictions?.[0];
  return best && `${name}: ${labelText(best.label)}, ${percentText(best.score)}.`;
}
