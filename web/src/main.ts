import type { Model } from '../../client/client.ts';
import { toFailure } from '../../client/failure.ts';
import { bytesText, durationText, labelText } from '../../client/format.ts';
import { answered } from '../../client/submit.ts';
import { api, baseUrl } from './api.ts';
import { find } from './dom.ts';
import { setAccepted, takePictures } from './intake.ts';
import { more } from './later.ts';
import { ResultList } from './list.ts';
import { chosenModel, offerModels } from './models.ts';
import { offerSamples } from './samples.ts';
import { wireCards, wireToolbar } from './toolbar.ts';

let known: Promise<Model> | undefined;

/** What the service takes, asked for once; a failed question is asked again. */
function model(): Promise<Model> {
  known ??= answered(api.GET('/model')).then(({ data, error, response }) => {
    if (data === undefined) throw toFailure(response.status, error);
    describe(data);
    return data;
  });
  known.catch(() => {
    known = undefined;
  });
  return known;
}

async function readLabels(): Promise<string[]> {
  const { data, error, response } = await answered(api.GET('/labels', { params: { query: aboutChosen() } }));
  if (data === undefined) throw toFailure(response.status, error);
  return data.map(({ label }) => labelText(label));
}

function aboutChosen(): { model?: string } {
  const model = chosenModel();
  return model === undefined ? {} : { model };
}

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
const list = new ResultList(async () => (await model()).limits);
wireToolbar(list);
wireCards(list);
takePictures((files) => void list.add(files));
offerSamples((files) => void list.add(files));
wireLink('#labels-link', async () => (await more()).openLabels(readLabels()));
wireLink('#model-link', async () => (await more()).openModel(model()));
model().catch(() => {
  find(document, '#model', HTMLElement).textContent = 'The service does not answer at the moment.';
});
// Exports must work when the service is gone.
addEventListener('load', () => setTimeout(() => more().catch(() => {}), 500));
