import { Annotations, App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { type BuildNote, findAssets, readNote } from './assets.ts';
import { pinnedImage } from './base-image.ts';
import { readSettings, type StackSettings } from './settings.ts';
import { ServiceStack } from './stack.ts';

/**
 * The CDK app: the settings of its context, what was built in `distDir`, and every resource before cdk-nag.
 * @throws {Error} with one sentence for the person at the terminal where a setting is wrong or nothing is built.
 */
export function createApp(distDir: string, props: AppProps = {}): { app: App; stack: ServiceStack } {
  const app = new App(props);
  const model = readNote(distDir)?.model;
  const settings = readSettings(app, { needs: model?.needs });
  requireRoom(settings, model);
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

/** @throws {Error} where the model does not fit the packaging. An emulator reads it from the disk. */
function requireRoom({ packaging, modelDir }: StackSettings, model: BuildNote['model']): void {
  if (packaging === 'zip' && modelDir === undefined && model?.zipProblem !== undefined)
    throw new Error(model.zipProblem);
}
