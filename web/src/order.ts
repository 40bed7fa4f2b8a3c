import { labelText } from '../../client/format.ts';
import type { Picture } from './picture.ts';
import { isUnsure } from './state.ts';

/** Which pictures are shown: all or those of a kind, and only those whose name or best label has the text. */
export interface Filter {
  readonly kind: string;
  readonly text: string;
}

type Shown = Pick<Picture, 'name' | 'phase'>;

export function matches({ name, phase }: Shown, { kind, text }: Filter): boolean {
  if (kind === 'failed' && phase.kind !== 'failed') return false;
  if (kind === 'unsure' && !isUnsure(phase)) return false;
  const wanted = text.trim().toLowerCase();
  return wanted === '' || `${name}\n${bestLabel({ phase })}`.toLowerCase().includes(wanted);
}

/** The best label as people write it; empty where there is none. */
export function bestLabel({ phase }: Pick<Shown, 'phase'>): string {
  return phase.kind === 'labelled' ? labelText(phase.labels[0]?.label ?? '') : '';
}

interface Placed {
  readonly picture: Shown;
  readonly order: number;
}

const collator = new Intl.Collator(undefined, { numeric: true });
const comparisons: Readonly<Record<string, (a: Placed, b: Placed) => number>> = {
  name: (a, b) => collator.compare(a.picture.name, b.picture.name),
  label: (a, b) => collator.compare(bestLabel(a.picture) || '\uffff', bestLabel(b.picture) || '\uffff'),
  sure: (a, b) => score(b.picture) - score(a.picture),
  unsure: (a, b) => score(a.picture) - score(b.picture),
};

/** The pictures in the order that is asked for, the newest first where it is none of the known ones. */
export function sorted<T extends Placed>(entries: readonly T[], by: string): T[] {
  const compare = comparisons[by];
  return entries.toSorted((a, b) => compare?.(a, b) || a.order - b.order);
}

function score({ phase }: Shown): number {
  return phase.kind === 'labelled' ? (phase.labels[0]?.score ?? 0) : -1;
}
