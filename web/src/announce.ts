import { countText } from '../../client/format.ts';

const quietMilliseconds = 700;

/** Speaks to a screen reader. */
export interface Announcer {
  /** A picture has ended: a few are read in full, many in one sentence. */
  ended(sentence: string): void;
  /** Anything else, as it is. */
  say(sentence: string): void;
}

export function createAnnouncer(region: HTMLElement): Announcer {
  let ended: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const speak = () => {
    const last = ended.at(-1) ?? '';
    region.textContent =
      ended.length <= 3 ? ended.join(' ') : `${countText(ended.length, 'picture')} done. Last: ${last}`;
    ended = [];
  };
  return {
    ended(sentence) {
      ended.push(sentence);
      clearTimeout(timer);
      timer = setTimeout(speak, quietMilliseconds);
    },
    say(sentence) {
      region.textContent = sentence;
    },
  };
}
