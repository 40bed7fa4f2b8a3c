/** What `cdk` runs: reads the settings, takes what was built, and puts every resource before cdk-nag. */
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { findAssets } from './assets.ts';
import { readSettings } from './settings.ts';
import { ServiceStack } from './stack.ts';

try {
  const app = new App();
  const settings = readSettings(app);
  const assets = findAssets(join(import.meta.dirname, '../dist'), settings.architecture);
  new ServiceStack(app, 'Service', {
    stackName: settings.stackName,
    description: 'Image classification that an uploaded image starts',
    settings,
    assets,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  app.synth();
} catch (error) {
  // The person at the terminal needs the sentence, not where in this file it was thrown.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
