import { type DynamoDBDocumentClient, paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { jobAsOf } from '../../functions/shared/job.ts';
import { failedJobsIndex, toJobRow } from './table.ts';

const row = z.object({ id: z.string() });

/** Ids of the jobs whose failure was written since a time, from the index. What failed in the last second may not be there yet. */
export async function failedJobsSince(
  client: DynamoDBDocumentClient,
  table: string,
  since: Date,
): Promise<string[]> {
  const found = failedJobsIndex.shards.map((shard) => failedInShard(client, table, shard, since));
  return (await Promise.all(found)).flat();
}

async function failedInShard(client: DynamoDBDocumentClient, table: string, shard: string, since: Date) {
  const { name, partitionKey, sortKey } = failedJobsIndex;
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      IndexName: name,
      KeyConditionExpression: '#shard = :shard AND #time >= :since',
      ExpressionAttributeNames: { '#shard': partitionKey, '#time': sortKey },
      ExpressionAttributeValues: { ':shard': shard, ':since': since.toISOString() },
    },
  );
  const ids: string[] = [];
  for await (const { Items = [] } of pages) ids.push(...Items.map((item) => row.parse(item).id));
  return ids;
}

/**
 * Ids of the jobs that have read as `lost` since a time. Nobody wrote their end, so no index has them: this reads the whole table.
 */
export async function lostJobsSince(
  client: DynamoDBDocumentClient,
  table: string,
  since: Date,
  now = new Date(),
): Promise<string[]> {
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      ConsistentRead: true,
      FilterExpression: '#status IN (:pending, :processing) AND deadline >= :since AND deadline <= :now',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':pending': 'pending',
        ':processing': 'processing',
        ':since': since.toISOString(),
        ':now': now.toISOString(),
      },
    },
  );
  const ids: string[] = [];
  for await (const { Items = [] } of pages) {
    const jobs = Items.map((item) => jobAsOf(toJobRow(item).job, now));
    ids.push(...jobs.flatMap(({ id, status }) => (status === 'failed' ? id : [])));
  }
  return ids;
}
