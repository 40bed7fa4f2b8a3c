import type { Model } from '../../client/client.ts';
import { bytesText, durationText } from '../../client/format.ts';
import { baseUrl } from './api.ts';
import { find } from './dom.ts';
import { setAccepted, takePictures } from './intake.ts';
import { more } from './later.ts';
import { ResultList } from './list.ts';
import { Models } from './models.ts';
import { offerSamples } from './samples.ts';
import { wireCards, wireToolbar } from './toolbar.ts';

/** Opens on the page itself what a link leads to, and follows the link where that fails. */
function wireLink(id: string, open: () => Promise<void>): void {
  const link = find(document, id, HTMLAnchorElement);
  link.addEventListener('click', async (event) => {
    event.preventDefault();
    await open().catch(() => location.assign(link.href));
  });
}

/** Says which model answers, and what it takes. */
function describe({ name, classes, formats, limits }: Model): void {
  setAccepted(formats.map(({ mediaType }) => mediaType));
  const names = formats.map((format) => format.name);
  const accepted = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}, up to ${bytesText(limits.uploadedImageBytes)} each`;
  find(document, '#accepted', HTMLElement).textContent = accepted;
  find(document, '#classes', HTMLElement).textContent = classes.toLocaleString('en');
  find(document, '#retention', HTMLElement).textContent = `after ${durationText(limits.retentionSeconds)}`;
  find(document, '#model', HTMLElement).textContent = `Answered by ${name}`;
}

/** Where a picture goes: nowhere, where the page comes from the machine it is looked at on. */
function sayWhereto(): void {
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname);
  const words = isHere ? 'Pictures stay on this machine.' : `Pictures are sent to ${location.host}.`;
  find(document, '#whereto', HTMLElement).textContent = words;
}

for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-path]')) {
  link.href = `${baseUrl}${link.dataset.path}`;
}
sayWhereto();
const models = new Models(describe);
const list = new ResultList(async () => (await models.current()).limits);
wireToolbar(list);
wireCards(list);
takePictures((files) => void list.add(files, models.chosen));
offerSamples((files) => void list.add(files, models.chosen));
wireLink('#labels-link', async () => (await more()).openLabels(models.labels()));
wireLink('#model-link', async () => (await more()).openModel(models.current()));
models.current().catch(() => {
  find(document, '#model', HTMLElement).textContent = 'The service does not answer at the moment.';
});
// Exports must work when the service is gone.
addEventListener('load', () => setTimeout(() => more().catch(() => {}), 500));
