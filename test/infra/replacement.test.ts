import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { describe, expect, test } from 'vitest';
import { synthesize } from '../support/aws/synthesize.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Properties that give a resource its name: with one, CloudFormation refuses to replace it. */
const naming =
  /^(?:FunctionName|LayerName|BucketName|TableName|QueueName|TopicName|AlarmName|RoleName|Name)$/;

interface Replaced {
  readonly type: string;
  /** Whether it is named and its name stays the same. */
  readonly sameName: boolean;
}

/** What CloudFormation would replace, or may have to, where a deployed stack's settings change. */
function replaced(before: Settings, after: Settings): Replaced[] {
  const [from, to] = [synthesize(before).toJSON(), synthesize(after).toJSON()];
  const { resources } = fullDiff(from, to);
  return Object.entries(resources.changes).flatMap(([id, { changeImpact, isUpdate }]) => {
    const impacts = [ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE];
    if (!isUpdate || !impacts.includes(changeImpact)) return [];
    const [old, next] = [from.Resources[id], to.Resources[id]];
    const names = Object.keys(next.Properties).filter((name) => naming.test(name));
    const sameName = names.some(
      (name) => JSON.stringify(old.Properties[name]) === JSON.stringify(next.Properties[name]),
    );
    return [{ type: next.Type, sameName }];
  });
}

describe('a deployed stack', () => {
  test.each<[Settings, Settings]>([
    [{ packaging: 'container' }, { packaging: 'zip' }],
    [{ packaging: 'zip' }, { packaging: 'container' }],
    [{ streaming: true }, { streaming: false }],
    [{ auth: 'none' }, { auth: 'iam' }],
    [{}, { events: true, canary: true, firewallRequests: 100 }],
    [{}, { classifyMemoryMb: 3008, visibilitySeconds: 600, maxTries: 7, retentionSeconds: 200_000 }],
  ])('can change from %j to %j: nothing that is replaced has a name that stays', (before, after) => {
    expect(replaced(before, after).filter(({ sameName }) => sameName)).toEqual([]);
  });

  test('gets another classify function when its packaging changes, and keeps its table, bucket and queues', () => {
    const types = replaced({ packaging: 'container' }, { packaging: 'zip' }).map(({ type }) => type);
    expect(types).toContain('AWS::Lambda::Function');
    for (const kept of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SQS::Queue']) {
      expect(types).not.toContain(kept);
    }
  });
});
