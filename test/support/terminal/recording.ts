import sharp from 'sharp';

/** In pixels, for a fixed-width font of 15 pixels. */
const [width, lineHeight, margin, fontSize] = [860, 21, 16, 15];
const columns = 91;
const charactersAtOnce = 3;

interface Frame {
  readonly lines: readonly string[];
  readonly milliseconds: number;
}

/** Shows commands and what they print as an animated picture of a terminal with room for `rows` lines. */
export class Recording {
  readonly #rows: number;
  readonly #lines: string[] = [];
  readonly #frames: Frame[] = [];

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** Types a command, waits as long as it took, then shows its output. */
  add(command: string, output: string, milliseconds: number): void {
    this.#lines.push('');
    for (let typed = 0; typed < command.length; typed += charactersAtOnce) {
      this.#lines[this.#lines.length - 1] = `$ ${command.slice(0, typed + charactersAtOnce)}`;
      this.#hold(60);
    }
    this.#hold(Math.max(200, milliseconds));
    this.#lines.push(...output.trimEnd().split('\n').flatMap(wrap), '');
    this.#hold(2500);
  }

  async toGif(): Promise<Buffer> {
    const pictures = await Promise.all(this.#frames.map(({ lines }) => this.#draw(lines)));
    const delay = this.#frames.map(({ milliseconds }) => Math.round(milliseconds));
    return sharp(pictures, { join: { animated: true } })
      .gif({ delay, loop: 0, colours: 16, dither: 0, effort: 10 })
      .toBuffer();
  }

  #hold(milliseconds: number): void {
    this.#frames.push({ lines: this.#lines.slice(-this.#rows), milliseconds });
  }

  #draw(lines: readonly string[]): Promise<Buffer> {
    const height = 2 * margin + this.#rows * lineHeight;
    const texts = lines.map((line, at) => {
      const y = margin + (at + 0.75) * lineHeight;
      const colour = line.startsWith('$') ? '#8bd5ff' : '#e6e6e6';
      return `<text x="${margin}" y="${y}" fill="${colour}" xml:space="preserve">${escapeXml(line)}</text>`;
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans Mono, monospace" font-size="${fontSize}"><rect width="100%" height="100%" fill="#15181d"/>${texts.join('')}</svg>`;
    return sharp(Buffer.from(svg)).png().toBuffer();
  }
}

/** A line as a terminal breaks it. */
function wrap(line: string): string[] {
  return line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
