/** A picture to shrink; `side` is the most pixels of the copy's longer side. */
export interface ThumbnailTask {
  readonly file: Blob;
  readonly side: number;
}

/** `blob` is missing where the browser cannot read the picture. Width and height are those of the original. */
export interface ThumbnailResult {
  readonly blob?: Blob;
  readonly width?: number;
  readonly height?: number;
}

self.onmessage = async ({ data }: MessageEvent<ThumbnailTask>) => {
  postMessage(await shrink(data).catch((): ThumbnailResult => ({})));
};

async function shrink({ file, side }: ThumbnailTask): Promise<ThumbnailResult> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(width * scale)),
    Math.max(1, Math.round(height * scale)),
  );
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { blob: await canvas.convertToBlob({ type: 'image/webp', quality: 0.75 }), width, height };
}
