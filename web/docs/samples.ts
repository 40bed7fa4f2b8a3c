/** What of React this plugin is given by Swagger UI. */
interface React {
  createElement(type: unknown, properties: object | null, ...children: unknown[]): unknown;
  useState<State>(initial: State): [State, (state: State) => void];
}

interface System {
  readonly React: React;
  readonly specSelectors: { specJson(): { getIn(path: readonly string[]): { toJS(): unknown } | undefined } };
}

interface Call {
  readonly path: string;
  readonly method: string;
}

interface Sample {
  readonly label: string;
  readonly source: string;
}

/** Shows the samples of a call (`x-codeSamples`) above its responses: https://swagger.io/docs/open-source-tools/swagger-ui/customization/plugin-api/ */
export function samples() {
  return { wrapComponents: { responses: withSamples } };
}

function withSamples(Responses: unknown, system: System) {
  const { createElement } = system.React;
  return (call: Call) =>
    createElement(
      'div',
      null,
      createElement(Samples, { system, list: samplesOf(call, system) }),
      createElement(Responses, call),
    );
}

function samplesOf({ path, method }: Call, { specSelectors }: System): readonly Sample[] {
  const found: unknown = specSelectors.specJson().getIn(['paths', path, method, 'x-codeSamples'])?.toJS();
  return Array.isArray(found) ? found.filter(isSample) : [];
}

function isSample(value: unknown): value is Sample {
  return typeof value === 'object' && value !== null && 'label' in value && 'source' in value;
}

interface SamplesProperties {
  readonly system: System;
  readonly list: readonly Sample[];
}

/** One of the samples, a button for each to choose it, and one to copy it. */
function Samples({ system, list }: SamplesProperties): unknown {
  const { createElement: h, useState } = system.React;
  const [label, choose] = useState(remembered());
  const [copied, setCopied] = useState('');
  const shown = list.find((sample) => sample.label === label) ?? list[0];
  if (shown === undefined) return null;
  const source = atThisAddress(shown.source);
  const copy = () => navigator.clipboard.writeText(source).then(() => setCopied(source));
  const buttons = list.map((sample) =>
    h(
      'button',
      {
        key: sample.label,
        type: 'button',
        'aria-pressed': sample === shown,
        onClick: () => choose(remember(sample.label)),
      },
      sample.label,
    ),
  );
  return h(
    'section',
    { className: 'samples', 'aria-label': 'Samples' },
    h('h4', null, 'Samples'),
    h('div', { className: 'choice' }, ...buttons),
    h('pre', { tabIndex: 0 }, h('code', null, source)),
    h('button', { type: 'button', onClick: copy }, copied === source ? 'Copied' : 'Copy'),
  );
}

/** The samples name the service as it is on the reader's own machine. */
function atThisAddress(source: string): string {
  return source.replaceAll('http://localhost:8000/', new URL('.', location.href).href);
}

const key = 'samples';

function remembered(): string {
  return localStorage.getItem(key) ?? '';
}

function remember(label: string): string {
  localStorage.setItem(key, label);
  return label;
}
