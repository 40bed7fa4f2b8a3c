import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, inject, test } from 'vitest';
import type { BuildNote } from '../../infra/assets.ts';
import { createApp } from '../../infra/service-app.ts';
import { featureFlags, layEmptyBuild } from '../support/aws/empty-build.ts';
import { functionProperties, synthesize } from '../support/aws/synthesize.ts';

const workspace = inject('workspace');
const large = { memoryMb: 1600, loadMilliseconds: 900, runMilliseconds: 3000 };

/** The template of a stack whose build has a model of a person's own. */
function templateWith(model: BuildNote['model'], settings: Readonly<Record<string, unknown>> = {}): Template {
  const dist = layEmptyBuild(mkdtempSync(join(workspace, 'own-')), model);
  const outdir = mkdtempSync(join(workspace, 'cdk-out-'));
  return Template.fromStack(createApp(dist, { context: { ...featureFlags, ...settings }, outdir }).stack);
}

/** Visibility timeouts of the queues that feed functions which run the model. */
function visibilities(template: Template): unknown[] {
  const queues = Object.entries(template.findResources('AWS::SQS::Queue'));
  const named = (start: string) => queues.filter(([id]) => id.startsWith(start));
  return [...named('JobQueueImages'), ...named('DropQueueDrops')].map(
    ([, { Properties }]) => Properties.VisibilityTimeout,
  );
}

describe('a stack with a model of your own', () => {
  test('gets memory, time-outs and visibility from what the build measured', () => {
    const template = templateWith({ needs: large });
    expect(functionProperties(template, 'Classify')).toMatchObject({ MemorySize: 2800, Timeout: 60 });
    expect(functionProperties(template, 'DropsLabel')).toMatchObject({ MemorySize: 2800, Timeout: 105 });
    expect(visibilities(template)).toEqual([6 * 60, 6 * 105]);
    // Every function that says how long a job may take knows the visibility.
    expect(functionProperties(template, 'Upload')).toMatchObject({
      Environment: { Variables: { VISIBILITY_SECONDS: '360' } },
    });
  });

  test('has what its settings say, where they say it', () => {
    const template = templateWith(
      { needs: large },
      { classifyMemoryMb: '4096', classifyTimeoutSeconds: '100' },
    );
    expect(functionProperties(template, 'Classify')).toMatchObject({ MemorySize: 4096, Timeout: 100 });
    expect(visibilities(template)[0]).toBe(600);
    expect(() => templateWith({ needs: large }, { visibilitySeconds: 180 })).toThrow(
      'visibilitySeconds: takes at least 360, six times classifyTimeoutSeconds',
    );
  });

  test('is refused as a zip where the model does not fit one, and is a container otherwise', () => {
    const model = {
      needs: large,
      zipProblem: 'It does not fit a zip: deploy it with -c packaging=container.',
    };
    expect(() => templateWith(model, { packaging: 'zip' })).toThrow(/^It does not fit a zip: deploy it/);
    expect(functionProperties(templateWith(model), 'Classify')).toMatchObject({ PackageType: 'Image' });
    // An emulator reads the model from the disk.
    expect(() => templateWith(model, { packaging: 'zip', modelDir: '/model' })).not.toThrow();
  });
});

test('a stack with the default model has what its functions always had', () => {
  const said = synthesize({ classifyMemoryMb: 1769, classifyTimeoutSeconds: 30, visibilitySeconds: 180 });
  expect(synthesize().toJSON()).toEqual(said.toJSON());
  expect(visibilities(synthesize())).toEqual([180, 360]);
});
