import { median } from '../infra/scaling/statistics.ts';
import { contenders } from './harness/contenders.ts';
import { round } from './harness/format.ts';
import { type Results, valuesOf } from './harness/results.ts';

const panels = [
  ['rate@8', 'Requests per second, 8 connections', 'more'],
  ['rate@128', 'Requests per second, 128 connections', 'more'],
  ['p50@1', 'Median latency, 1 connection, ms', 'less'],
  ['p99@8', '99th percentile, 8 connections, ms', 'less'],
  ['start', 'Process start to first right answer, ms', 'less'],
  ['large', 'One 12-megapixel JPEG, median, ms', 'less'],
  ['processor@8', 'Processor time a request, 8 connections, ms', 'less'],
  ['queue rate', 'Queue: images per second, 1,000 submitted', 'more'],
] as const;

const [width, margin] = [1000, 20];
const panel = { width: 480, height: 246, label: 210, bar: 20, gap: 7, top: 50 };
const colours = { ours: '#0b6e4f', peer: '#9aa5b1', text: '#1f2933', faint: '#52606d', whisker: '#323f4b' };

function drawPanel(results: Results, [figure, title, better]: (typeof panels)[number]): string {
  const seen = Object.entries(contenders)
    .map(([name, contender]) => ({ name, title: contender.title, values: valuesOf(results, name, figure) }))
    .filter(({ values }) => values.length > 0);
  const greatest = Math.max(...seen.flatMap(({ values }) => values));
  const scale = (panel.width - panel.label - 70) / greatest;
  return [
    `<text x="0" y="18" class="title">${title}</text>`,
    `<text x="0" y="36" class="note">${better} is better</text>`,
    ...seen.map((bar, index) => drawBar(bar, panel.top + index * (panel.bar + panel.gap), scale)),
  ].join('\n');
}

function drawBar(bar: { name: string; title: string; values: number[] }, y: number, scale: number): string {
  const [x, middle, value] = [panel.label, y + panel.bar / 2, median(bar.values)];
  const at = (amount: number) => (x + amount * scale).toFixed(1);
  const [from, to] = [at(Math.min(...bar.values)), at(Math.max(...bar.values))];
  const [bold, fill] = bar.name === 'ours' ? [' class="ours"', colours.ours] : ['', colours.peer];
  return [
    `<text x="${x - 8}" y="${middle + 4}" text-anchor="end"${bold}>${bar.title}</text>`,
    `<rect x="${x}" y="${y}" width="${(value * scale).toFixed(1)}" height="${panel.bar}" fill="${fill}"/>`,
    `<path d="M${from} ${middle}H${to}M${from} ${middle - 4}v8M${to} ${middle - 4}v8" stroke="${colours.whisker}"/>`,
    `<text x="${Number(to) + 8}" y="${middle + 4}"${bold}>${round(value)}</text>`,
  ].join('\n');
}

/** The figures that most ask for, as an SVG: bars are medians, whiskers the least and the greatest of all rounds. */
export function plot(results: Results): string {
  const height = margin * 2 + Math.ceil(panels.length / 2) * panel.height + 24;
  const placed = panels.map((entry, index) => {
    const [x, y] = [margin + (index % 2) * panel.width, margin + Math.floor(index / 2) * panel.height];
    return `<g transform="translate(${x} ${y})">\n${drawPanel(results, entry)}\n</g>`;
  });
  const rounds = valuesOf(results, 'ours', 'rate@8').length;
  const note = `${results.photos} photos in rotation, ${results.machine.processors}, medians of ${rounds} interleaved rounds; whiskers: least and greatest.`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="label-on-upload beside other services">
<style>text{font:12px system-ui,sans-serif;fill:${colours.text}}.title{font-size:15px;font-weight:600}.note{fill:${colours.faint}}.ours{font-weight:600}</style>
<rect width="100%" height="100%" fill="#fff"/>
${placed.join('\n')}
<text x="${margin}" y="${height - 16}" class="note">${note}</text>
</svg>
`;
}
