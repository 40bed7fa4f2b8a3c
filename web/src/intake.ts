import { find } from './dom.ts';

/** Wires every way a picture can come: chosen, photographed, dropped (folders too), pasted. */
export function takePictures(accept: (files: File[]) => void): void {
  const notice = find(document, '#notice', HTMLElement);
  const take = (files: File[]) => {
    notice.textContent = '';
    if (files.length > 0) accept(files);
  };
  const refuse = (words: string) => {
    notice.textContent = words;
  };
  const drop = find(document, '#drop', HTMLElement);
  wireInput('#files', '#choose', take);
  wireInput('#photo', '#camera', take);
  wireDrop(drop, take, refuse);
  document.addEventListener('paste', ({ clipboardData, target }) => {
    if (clipboardData === null || target instanceof HTMLInputElement) return;
    const files = [...clipboardData.files];
    if (files.length > 0) take(files);
    else refuse(refusal(clipboardData));
  });
}

/** What to do instead of dropping or pasting something that is no file. */
function refusal(transfer: DataTransfer): string {
  const text = transfer.getData('text/uri-list') || transfer.getData('text/plain');
  return /^\s*https?:/i.test(text)
    ? 'That is a link. Save the picture it leads to, then drop the file here.'
    : 'That is not a picture. Drop or paste an image file.';
}

/** Choosing in iOS turns HEIC into JPEG, but only for an input that says what it takes. */
export function setAccepted(mediaTypes: readonly string[]): void {
  for (const id of ['#files', '#photo']) find(document, id, HTMLInputElement).accept = mediaTypes.join(',');
}

function wireInput(inputId: string, buttonId: string, accept: (files: File[]) => void): void {
  const input = find(document, inputId, HTMLInputElement);
  find(document, buttonId, HTMLButtonElement).addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    accept([...(input.files ?? [])]);
    // The same file chosen again must count as a change.
    input.value = '';
  });
}

function wireDrop(zone: HTMLElement, accept: (files: File[]) => void, refuse: (words: string) => void): void {
  const show = (over: boolean) => zone.classList.toggle('over', over);
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    show(event.dataTransfer?.types.includes('Files') ?? false);
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) show(false);
  });
  document.addEventListener('drop', async (event) => {
    event.preventDefault();
    show(false);
    const transfer = event.dataTransfer;
    if (transfer === null) return;
    // What was dropped can be asked for only before the event is over.
    const words = refusal(transfer);
    const files = await droppedFiles(transfer);
    if (files.length > 0) accept(files);
    else refuse(words);
  });
}

/** The entries have to be taken before the event is over; reading folders may take longer. */
async function droppedFiles({ items, files }: DataTransfer): Promise<File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  if (!entries.some((entry) => entry?.isDirectory)) return [...files];
  return (await Promise.all(entries.map((entry) => (entry ? filesIn(entry) : [])))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry instanceof FileSystemFileEntry)
    return [await new Promise<File>((...settle) => entry.file(...settle))];
  if (!(entry instanceof FileSystemDirectoryEntry)) return [];
  const reader = entry.createReader();
  const found: File[] = [];
  // A folder is read in parts, and an empty part is the end.
  while (true) {
    const part = await new Promise<FileSystemEntry[]>((...settle) => reader.readEntries(...settle));
    if (part.length === 0) return found;
    for (const child of part) found.push(...(await filesIn(child)));
  }
}
