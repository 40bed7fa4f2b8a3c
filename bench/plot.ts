/** `node bench/plot.ts [FILE]`: draws docs/performance.svg from the last run's results. */
import { writeFile } from 'node:fs/promises';
import { type ContenderName, contenderNames } from './harness/contenders.ts';
import { round, titles } from './harness/report.ts';
import { type Results, readResults } from './harness/results.ts';
import { inRepository } from './harness/settings.ts';
import { type Spread, spread } from './harness/statistics.ts';

type Round = NonNullable<Results['rounds'][ContenderName]>[number];

interface Panel {
  readonly title: string;
  readonly better: 'more' | 'less';
  readonly bars: readonly { readonly name: ContenderName; readonly value: Spread }[];
}

const width = 960;
const panel = { width: 460, height: 202, label: 180, bar: 22, gap: 8, top: 52 };
const margin = 20;
const colours = { ours: '#0b6e4f', peer: '#9aa5b1', text: '#1f2933', faint: '#52606d', whisker: '#323f4b' };

function panelsOf(results: Results): Panel[] {
  const of = (title: string, better: Panel['better'], pick: (round: Round) => number | undefined): Panel => ({
    title,
    better,
    bars: contenderNames.flatMap((name) => {
      const values = (results.rounds[name] ?? []).map(pick).filter((value) => value !== undefined);
      return values.length > 0 ? [{ name, value: spread(values) }] : [];
    }),
  });
  return [
    of('Requests per second, 8 connections', 'more', ({ eight }) => eight.perSecond),
    of('Requests per second, 1 connection', 'more', ({ one }) => one.perSecond),
    of('Median latency, 1 connection, ms', 'less', ({ one }) => one.p50),
    of('99th percentile, 8 connections, ms', 'less', ({ eight }) => eight.p99),
    of('Process start to first right answer, ms', 'less', ({ start }) => start),
    of('One 12-megapixel JPEG, median, ms', 'less', ({ large }) => large?.p50),
    memoryPanel(results),
  ].filter(({ bars }) => bars.length > 0);
}

function memoryPanel({ memory }: Results): Panel {
  const last = contenderNames.flatMap((name) => {
    const end = memory[name]?.at(-1);
    return end === undefined ? [] : [{ name, ...end }];
  });
  const bars = last.map(({ name, megabytes }) => ({ name, value: spread([megabytes]) }));
  return { title: `Memory after ${last[0]?.images ?? 0} images, MB`, better: 'less', bars };
}

function drawPanel({ title, better, bars }: Panel): string {
  const greatest = Math.max(...bars.map(({ value }) => value.max));
  const scale = (panel.width - panel.label - 90) / greatest;
  const lines = bars.map(({ name, value }, index) => {
    const y = panel.top + index * (panel.bar + panel.gap);
    return drawBar(name, value, { y, scale });
  });
  return [
    `<text x="0" y="18" class="title">${title}</text>`,
    `<text x="0" y="36" class="note">${better} is better</text>`,
    ...lines,
  ].join('\n');
}

function drawBar(name: ContenderName, value: Spread, { y, scale }: { y: number; scale: number }): string {
  const x = panel.label;
  const middle = y + panel.bar / 2;
  const [from, to, end] = [x + value.min * scale, x + value.max * scale, x + value.median * scale];
  const isOurs = name === 'ours';
  return [
    `<text x="${x - 8}" y="${middle + 4}" text-anchor="end"${isOurs ? ' class="ours"' : ''}>${titles[name]}</text>`,
    `<rect x="${x}" y="${y}" width="${(end - x).toFixed(1)}" height="${panel.bar}" fill="${isOurs ? colours.ours : colours.peer}"/>`,
    `<path d="M${from.toFixed(1)} ${middle}H${to.toFixed(1)}M${from.toFixed(1)} ${middle - 4}v8M${to.toFixed(1)} ${middle - 4}v8" stroke="${colours.whisker}"/>`,
    `<text x="${(Math.max(to, end) + 8).toFixed(1)}" y="${middle + 4}"${isOurs ? ' class="ours"' : ''}>${round(value.median)}</text>`,
  ].join('\n');
}

function draw(results: Results): string {
  const panels = panelsOf(results);
  const height = margin * 2 + Math.ceil(panels.length / 2) * (panel.height + 16) + 24;
  const placed = panels.map((entry, index) => {
    const x = margin + (index % 2) * panel.width;
    const y = margin + Math.floor(index / 2) * (panel.height + 16);
    return `<g transform="translate(${x} ${y})">\n${drawPanel(entry)}\n</g>`;
  });
  const { processors = '' } = results.machine;
  const rounds = results.rounds.ours?.length ?? 0;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="label-on-upload beside three other services">
<style>text{font:13px system-ui,sans-serif;fill:${colours.text}}.title{font-size:15px;font-weight:600}.note{fill:${colours.faint};font-size:12px}.ours{font-weight:600}</style>
<rect width="100%" height="100%" fill="#fff"/>
${placed.join('\n')}
<text x="${margin}" y="${height - 16}" class="note">${results.photos} photos in rotation, ${processors}, medians of ${rounds} interleaved rounds; the whiskers are the least and the greatest.</text>
</svg>
`;
}

const file = process.argv[2] ?? inRepository('docs/performance.svg');
await writeFile(file, draw(await readResults()));
console.log(file);
