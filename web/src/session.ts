/** A picture as the tab remembers it: results stay through a reload, and are forgotten with the tab. */
export interface Remembered {
  readonly jobId: string;
  readonly name: string;
  readonly bytes: number;
  /** A small copy of the picture as a data URL, where the browser could show it. */
  readonly thumbnail?: string;
}

const key = 'label-on-upload';
const thumbnailPixels = 296;

export function recall(): Remembered[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isRemembered) : [];
  } catch {
    return [];
  }
}

/** A tab whose store is too small for the thumbnails does without; one that has no store forgets. Nothing else depends on it. */
export function remember(pictures: readonly Remembered[]): void {
  const bare = pictures.map(({ thumbnail: _, ...picture }) => picture);
  if (!store(pictures) && !store(bare)) store([]);
}

function store(pictures: readonly Remembered[]): boolean {
  try {
    sessionStorage.setItem(key, JSON.stringify(pictures));
    return true;
  } catch {
    return false;
  }
}

/** A square copy of a picture that is shown, small enough to be kept. */
export function thumbnailOf(image: HTMLImageElement): string | undefined {
  const canvas = document.createElement('canvas');
  canvas.width = thumbnailPixels;
  canvas.height = thumbnailPixels;
  const { naturalWidth: width, naturalHeight: height } = image;
  const side = Math.min(width, height);
  const context = canvas.getContext('2d');
  if (context === null || side === 0) return undefined;
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  context.drawImage(image, left, top, side, side, 0, 0, thumbnailPixels, thumbnailPixels);
  return canvas.toDataURL('image/webp', 0.7);
}

function isRemembered(value: unknown): value is Remembered {
  return (
    typeof value === 'object' &&
    value !== null &&
    'jobId' in value &&
    typeof value.jobId === 'string' &&
    'name' in value &&
    typeof value.name === 'string' &&
    'bytes' in value &&
    typeof value.bytes === 'number' &&
    (!('thumbnail' in value) || typeof value.thumbnail === 'string')
  );
}
