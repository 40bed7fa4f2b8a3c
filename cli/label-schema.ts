import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { labelDocument } from '../functions/shared/label-document.ts';

/** The JSON Schema of label documents, as `docs/label-document.schema.json` publishes it. */
export function labelDocumentSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(labelDocument), null, 2)}\n`;
}

// `npm run label-schema`: writes it; a test tells when it is out of date.
if (import.meta.main) {
  await writeFile(new URL('../docs/label-document.schema.json', import.meta.url), labelDocumentSchema());
}
