import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { type Job, jobAsOf } from '../../functions/shared/job.ts';
import { toJobRow } from './table.ts';

/**
 * The jobs that have failed since a time, including lost ones, whose deadline passed before any result was written. Reads the whole
 * table: for an operator's tool, not for a function.
 */
export async function failedJobsSince(
  client: DynamoDBDocumentClient,
  table: string,
  since: Date,
  now = new Date(),
): Promise<Job[]> {
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      ConsistentRead: true,
      FilterExpression:
        '(#status = :failed AND finishedAt >= :since) OR (#status IN (:pending, :processing) AND deadline >= :since AND deadline <= :now)',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':failed': 'failed',
        ':pending': 'pending',
        ':processing': 'processing',
        ':since': since.toISOString(),
        ':now': now.toISOString(),
      },
    },
  );
  const jobs: Job[] = [];
  for await (const { Items = [] } of pages) {
    jobs.push(
      ...Items.map((item) => jobAsOf(toJobRow(item).job, now)).filter(({ status }) => status === 'failed'),
    );
  }
  return jobs;
}
