/**
 * `node test/support/templates/main.ts [--all] DIR`: writes templates for cfn-lint and checkov, of as few combinations of settings as have each pair
 * of values, or of all of them. What is deployed to the functions does not matter, so nothing has to be built. cdk-nag checks each as well.
 */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../../../infra/service-app.ts';
import { featureFlags, layEmptyBuild } from '../aws/empty-build.ts';
import { combinations, coveringPairs } from './combinations.ts';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { all: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [dir] = positionals;
  if (dir === undefined) throw new Error('Usage: node test/support/templates/main.ts [--all] DIR');
  const workspace = await mkdtemp(join(tmpdir(), 'templates-'));
  const dist = join(workspace, 'dist');
  await mkdir(dist);
  layEmptyBuild(dist);
  await mkdir(dir, { recursive: true });
  const chosen = values.all ? combinations() : coveringPairs(combinations());
  for (const [index, settings] of chosen.entries()) {
    const outdir = join(workspace, 'cdk-out');
    const context = { ...featureFlags, 'aws:cdk:disable-asset-staging': true, ...settings };
    createApp(dist, { context, outdir }).app.synth();
    await copyFile(join(outdir, 'Service.template.json'), join(dir, `${index}.template.json`));
    await rm(outdir, { recursive: true });
  }
  await rm(workspace, { recursive: true });
  console.log(`${chosen.length} templates in ${dir}.`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
