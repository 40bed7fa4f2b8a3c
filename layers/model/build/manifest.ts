import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const artefactSchema = z.strictObject({
  file: z.string(),
  url: z.url(),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifestSchema = z.strictObject({ weights: artefactSchema, labels: artefactSchema });

/** A published file: where it stands, and the bytes and SHA-256 (hex) that it must have. */
export type Artefact = z.infer<typeof artefactSchema>;

/** Reads `manifest.json`: the default model's weights and its class index. */
export async function readManifest(): Promise<z.infer<typeof manifestSchema>> {
  return manifestSchema.parse(JSON.parse(await readFile(join(import.meta.dirname, 'manifest.json'), 'utf8')));
}
