import { createHash } from 'node:crypto';
import Negotiator from 'negotiator';
import type { Route } from '../shared/http/handler.ts';
import type { Model } from '../shared/http/schemas.ts';
import { type StaticDocument, staticDocument } from './documents.ts';

/** JSON for programs, and a page for a browser that follows a link: it asks for HTML before anything else (RFC 9110, section 12.5.1). */
export function alsoAsPage(json: Route, make: () => StaticDocument): Route {
  const page = staticDocument(async () => make());
  return async (request) => {
    const negotiator = new Negotiator({ headers: { accept: request.header('Accept') } });
    const asPage = negotiator.mediaType(['application/json', 'text/html']) === 'text/html';
    const answer = await (asPage ? page : json)(request);
    return { ...answer, headers: { ...answer.headers, Vary: 'Accept, Accept-Encoding' } };
  };
}

interface Labels {
  readonly name: string;
  readonly labels: readonly { readonly wnid?: string | undefined; readonly label: string }[];
}

/** Every label of a model in a table, with a field that looks some up. */
export function labelsPage({ name, labels }: Labels): StaticDocument {
  const rows = labels.map(
    ({ label, wnid = '' }, index) =>
      `<tr><td>${index}</td><td>${escapeHtml(label.replaceAll('_', ' '))}</td><td><code>${escapeHtml(wnid)}</code></td></tr>`,
  );
  const body = `<p>The model <code>${escapeHtml(name)}</code> answers with these ${labels.length.toLocaleString('en')} labels only: a picture of something else gets the nearest of them.</p>
<p id="find" hidden><label>Find <input type="search"></label> <span role="status"></span></p>
<table><thead><tr><th>No.</th><th>Label</th><th>WordNet id</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
  return page('Labels', 'labels', body, search);
}

/** What answers, in words. */
export function modelPage({ name, sha256, classes, input, formats, limits }: Model): StaticDocument {
  const mebibytes = (bytes: number) => `${bytes / 1024 ** 2} MiB`;
  const facts = [
    ['Name', name],
    [
      'What it does',
      `It chooses among ${classes.toLocaleString('en')} labels, and gives each a score from 0 to 1.`,
    ],
    ['What it sees', `The picture in ${input.width} × ${input.height} pixels.`],
    ['What it reads', formats.map((format) => format.name).join(', ')],
    [
      'Largest picture',
      `${limits.imagePixels / 1e6} million pixels; ${mebibytes(limits.inlineImageBytes)} by POST /predict, ${mebibytes(limits.uploadedImageBytes)} by a form of POST /uploads`,
    ],
    ['Pictures and results are kept', `${limits.retentionSeconds / 3600} hours`],
    ['SHA-256 of its weights', sha256],
  ];
  const rows = facts.map(([term = '', words = '']) => `<dt>${term}</dt><dd>${escapeHtml(words)}</dd>`);
  return page('Model', 'model', `<dl>\n${rows.join('\n')}\n</dl>`);
}

/** Shows the rows that hold what was typed. */
const search = `const rows = [...document.querySelectorAll('tbody tr')];
const [field, found] = document.querySelectorAll('#find input, #find span');
const show = () => {
  const words = field.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(words);
  found.textContent = words ? rows.filter((row) => !row.hidden).length + ' of ' + rows.length : '';
};
field.addEventListener('input', show);
document.querySelector('#find').hidden = false;
show();`;

const style = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 48rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
nav a, code { color: inherit; }
input { font: inherit; padding: .25rem .5rem; min-height: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; padding: .25rem .5rem .25rem 0; border-bottom: 1px solid light-dark(#d6dcda, #3a4245); }
td:first-child, td:last-child { overflow-wrap: normal; white-space: nowrap; }
dt { font-weight: 600; }
dd { margin: 0 0 .75rem; }`;

/** A page with nothing beside it: its policy names its own style and script. */
function page(title: string, address: string, body: string, script?: string): StaticDocument {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Label on upload</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<nav aria-label="About"><a href="./">Label on upload</a> <a href="labels">Labels</a> <a href="model">Model</a> <a href="docs">API</a></nav>
<main>
<h1>${title}</h1>
${body}
<p>Programs get this as JSON from <code>GET /${address}</code>.</p>
</main>
${script === undefined ? '' : `<script>${script}</script>`}
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src ${digest(style)}`,
    ...(script === undefined ? [] : [`script-src ${digest(script)}`]),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
  };
  return { body: Buffer.from(html), headers };
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
