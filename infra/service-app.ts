import { Annotations, App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { findAssets } from './assets.ts';
import { pinnedImage } from './base-image.ts';
import { readSettings } from './settings.ts';
import { ServiceStack } from './stack.ts';

/**
 * The CDK app: the settings of its context, what was built in `distDir`, and every resource before cdk-nag.
 * @throws {Error} with one sentence for the person at the terminal where a setting is wrong or nothing is built.
 */
export function createApp(distDir: string, props: AppProps = {}): { app: App; stack: ServiceStack } {
  const app = new App(props);
  const settings = readSettings(app);
  const stack = new ServiceStack(app, 'Service', {
    stackName: settings.stackName,
    description: 'Image classification that an uploaded image starts',
    settings,
    assets: findAssets(distDir, settings.architecture),
  });
  if (settings.packaging === 'container' && pinnedImage() === undefined) {
    Annotations.of(stack).addWarningV2(
      'label-on-upload:baseImageNotPinned',
      'The container image is built from a tag, which may change: run "npm run pin:image" once, and commit what it writes.',
    );
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { app, stack };
}
