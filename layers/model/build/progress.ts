import type { Progress } from './download.ts';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const WIDTH = 30;
const MIB = 2 ** 20;

/** Draws a download as a bar on a terminal; elsewhere it writes one line a file, at its start. */
export function progressBar(output: Output): (progress: Progress) => void {
  let current = '';
  return ({ file, received, total }) => {
    const isNew = file !== current;
    current = file;
    const size = `${(total / MIB).toFixed(1)} MiB`;
    if (output.isTTY) {
      const done = Math.round((received / total) * WIDTH);
      const bar = '█'.repeat(done) + '░'.repeat(WIDTH - done);
      output.write(
        `\r${bar} ${Math.floor((received / total) * 100)} % of ${size}  ${file}${received === total ? '\n' : ''}`,
      );
    } else if (isNew) {
      output.write(`Fetching ${file}, ${size}\n`);
    }
  };
}
