import { baseUrl } from './api.ts';

/** Wires the pictures on the first screen: a click sends one as if it had been chosen. */
export function offerSamples(accept: (files: File[]) => void): void {
  for (const image of document.querySelectorAll<HTMLImageElement>('#samples img')) {
    image.src = `${baseUrl}assets/${image.dataset.file}`;
    image.closest('button')?.addEventListener('click', async () => {
      const blob = await (await fetch(image.src)).blob();
      // The address holds a digest; the name does not need it.
      const name = image.dataset.file?.replace(/\.\w+(?=\.)/, '') ?? '';
      accept([new File([blob], name, { type: blob.type })]);
    });
  }
}
