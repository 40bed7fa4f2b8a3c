import { samples } from './samples.ts';

/** What of `swagger-ui-bundle.js` is used here: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/ */
declare const SwaggerUIBundle: (configuration: object) => unknown;

SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  // Each has a schema beside its call.
  defaultModelsExpandDepth: 0,
  // It would send the document's address to another service.
  validatorUrl: null,
  plugins: [samples],
});

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
