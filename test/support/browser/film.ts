import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';

interface Frame {
  readonly png: Buffer;
  readonly milliseconds: number;
}

/** Films a page as an animated picture, with a pointer that shows what is clicked. */
export class Film {
  readonly #page: Page;
  readonly #frames: Frame[] = [];
  #at = { x: 640, y: 560 };

  constructor(page: Page) {
    this.#page = page;
  }

  /** Keeps the page as it is now in view for a time. */
  async hold(milliseconds: number): Promise<void> {
    await this.#page.evaluate(drawPointer, this.#at);
    this.#frames.push({ png: await this.#page.screenshot(), milliseconds });
  }

  /** Moves the pointer to something, and clicks it. */
  async click(target: Locator): Promise<void> {
    await this.pointAt(target);
    await target.click();
  }

  async pointAt(target: Locator): Promise<void> {
    const box = await target.boundingBox();
    if (box === null) throw new Error('There is nothing in view to point at.');
    const [from, to] = [this.#at, { x: box.x + box.width * 0.6, y: box.y + box.height * 0.6 }];
    for (const part of [0.4, 0.8, 1]) {
      this.#at = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
      await this.hold(part < 1 ? 70 : 300);
    }
  }

  /** The film as a GIF of this width in pixels. */
  async toGif(width: number): Promise<Buffer> {
    const small = this.#frames.map(({ png }) => sharp(png).resize(width).png().toBuffer());
    return sharp(await Promise.all(small), { join: { animated: true } })
      .gif({
        delay: this.#frames.map(({ milliseconds }) => milliseconds),
        ...{ loop: 0, colours: 96, dither: 0, effort: 10, interFrameMaxError: 4 },
      })
      .toBuffer();
  }
}

/** Runs in the page. The pointer is in the topmost dialog where there is one: nothing else is above that. */
function drawPointer({ x, y }: { x: number; y: number }): void {
  const space = 'http://www.w3.org/2000/svg';
  document.querySelector('#film-pointer')?.remove();
  const drawing = document.createElementNS(space, 'svg');
  drawing.id = 'film-pointer';
  drawing.setAttribute('viewBox', '0 0 20 28');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', 'M2 2v20l5-5 4 9 4-2-4-9h7z');
  path.setAttribute('fill', '#fff');
  path.setAttribute('stroke', '#000');
  path.setAttribute('stroke-width', '1.5');
  drawing.append(path);
  Object.assign(drawing.style, {
    ...{
      position: 'fixed',
      left: `${x}px`,
      top: `${y}px`,
      width: '20px',
      zIndex: '9',
      pointerEvents: 'none',
    },
  });
  (document.querySelector('dialog[open]') ?? document.body).append(drawing);
}
