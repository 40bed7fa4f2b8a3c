const barWidth = 24;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows on a terminal how many of the files are done; nothing elsewhere. `clear` makes room for other output. */
export function createProgress(output: Output, total: number) {
  const began = performance.now();
  return {
    show(done: number): void {
      if (!output.isTTY) return;
      const filled = Math.round((done / Math.max(1, total)) * barWidth);
      const rate = done / Math.max(0.001, (performance.now() - began) / 1000);
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
      output.write(`\r${bar} ${done} of ${total}, ${rate.toFixed(1)} a second`);
    },
    clear(): void {
      if (output.isTTY) output.write('\r\x1b[K');
    },
  };
}
