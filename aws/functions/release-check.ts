import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { releaseCheckHandler } from '../../functions/release-check/handler.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { compose } from '../compose.ts';
import { readKnownPicture } from '../known-picture.ts';
import { images, jobs } from '../ports.ts';

const { versionArn } = readEnvironment(z.object({ versionArn: z.string() }), process.env);
const picture = await readKnownPicture(import.meta.dirname);
const lambda = new LambdaClient();
const codeDeploy = new CodeDeployClient();

export const handler = compose('release-check', (runtime) =>
  releaseCheckHandler({
    jobs: jobs(),
    images: images(runtime),
    telemetry: runtime.telemetry,
    picture,
    async classify(event) {
      const call = new InvokeCommand({ FunctionName: versionArn, Payload: JSON.stringify(event) });
      const { Payload, FunctionError } = await lambda.send(call);
      const answer = Payload?.transformToString() ?? '';
      if (FunctionError !== undefined)
        throw new Error(`${versionArn} ended with ${FunctionError}: ${answer}`);
      return JSON.parse(answer);
    },
    async report({ DeploymentId: deploymentId, LifecycleEventHookExecutionId }, succeeded) {
      const status = succeeded ? 'Succeeded' : 'Failed';
      await codeDeploy.send(
        new PutLifecycleEventHookExecutionStatusCommand({
          deploymentId,
          lifecycleEventHookExecutionId: LifecycleEventHookExecutionId,
          status,
        }),
      );
    },
  }),
);
