import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { failedJobsIndex, jobTable } from '../../aws/stores/table.ts';
import { acknowledge } from '../acknowledge.ts';
import type { StackSettings } from '../settings.ts';

export interface JobTableProps {
  readonly settings: Pick<StackSettings, 'keepData' | 'pointInTimeRecovery'>;
}

/** The jobs, and the idempotency keys that lead to them. DynamoDB deletes both some time after they have ceased to count. */
export class JobTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { settings }: JobTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Jobs', {
      partitionKey: { name: jobTable.partitionKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: jobTable.ttlAttribute,
      stream: StreamViewType.NEW_IMAGE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: settings.pointInTimeRecovery },
      removalPolicy: settings.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const { name, partitionKey, sortKey } = failedJobsIndex;
    // For an operator's redrive; no function may read it.
    this.table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    if (settings.pointInTimeRecovery) return;
    acknowledge(this.table, {
      'AwsSolutions-DDB3':
        'A job counts for a day and its image can be sent again: the setting pointInTimeRecovery is for those who need more.',
    });
  }
}
