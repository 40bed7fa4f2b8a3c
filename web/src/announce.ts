import { countText } from '../../client/format.ts';

const quietMilliseconds = 700;

/** Tells a screen reader what has ended: one picture in full, many in one sentence. */
export function createAnnouncer(region: HTMLElement): (sentence: string) => void {
  let sentences: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (sentence) => {
    sentences.push(sentence);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const last = sentences.at(-1) ?? '';
      region.textContent =
        sentences.length <= 3
          ? sentences.join(' ')
          : `${countText(sentences.length, 'picture')} done. Last: ${last}`;
      sentences = [];
    }, quietMilliseconds);
  };
}
