import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { Problem } from '../../functions/shared/errors.ts';
import {
  applyTransition,
  type Job,
  type NewJob,
  newJob,
  type Transition,
} from '../../functions/shared/job.ts';
import type {
  CreateResult,
  IdempotencyKey,
  JobStore,
  TransitionResult,
} from '../../functions/shared/ports.ts';
import { watchJob } from '../../functions/shared/watch.ts';
import { type JobRow, keyRow, keyRowId, toItem, toJobRow, toKeyItem } from './table.ts';

/** Each conflict means that another call succeeded. A job sees few calls, so this limit is never reached. */
const maxConflicts = 20;

/** A function has one batch at a time; what is kept of tries that never ended is thrown away. */
const keptBegun = 100;

/**
 * Jobs in a DynamoDB table, read consistently. A transition reads the job and writes it under the condition that its version is
 * still the same: a deleted job has none, so it cannot come back. Each call marks what it writes: when the SDK repeats a write
 * whose answer was lost, the condition fails, and the mark tells that it was our own write.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalUpdate
 */
export class DynamoJobStore implements JobStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  /** Rows as this process wrote them when a try began: the try's end needs no read, and the condition tells if it is out of date. */
  readonly #begun = new Map<string, JobRow>();

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async create(fields: NewJob, idempotency?: IdempotencyKey): Promise<CreateResult> {
    const id = idempotency === undefined ? fields.id : await this.#claimKey(idempotency, newJob(fields));
    const job = newJob({ ...fields, id });
    const row = { job, mark: randomUUID(), idempotencyKey: idempotency?.key };
    // A key without its job means a crash in between: this call finishes the work.
    if (await this.#put(toItem(row), { ConditionExpression: 'attribute_not_exists(id)' })) {
      return { created: true, job };
    }
    const stored = await this.#readRow(job.id);
    // The first request's client deleted the job just now: this request creates its own.
    if (stored === undefined) return this.create(fields, idempotency);
    return { created: stored.mark === row.mark, job: stored.job };
  }

  async read(id: string): Promise<Job | undefined> {
    return (await this.#readRow(id))?.job;
  }

  /** Deletes the key first: a crash in between leaves a job that can be deleted again, never a key that creates it again. */
  async delete(id: string): Promise<Job | undefined> {
    const row = await this.#readRow(id);
    if (row === undefined) return undefined;
    if (row.idempotencyKey !== undefined) await this.#releaseKey(row.idempotencyKey, id);
    const command = new DeleteCommand({ TableName: this.#table, Key: { id }, ReturnValues: 'ALL_OLD' });
    const { Attributes } = await this.#client.send(command);
    // DynamoDB returns nothing when the SDK repeats a delete whose answer was lost.
    return Attributes === undefined ? row.job : toJobRow(Attributes).job;
  }

  async transition(id: string, transition: Transition): Promise<TransitionResult> {
    const mark = randomUUID();
    const begun = this.#takeBegun(id);
    const first = begun && applyTransition(begun.job, transition);
    if (begun && first && (await this.#replace(begun, { ...begun, job: first, mark }))) {
      return { applied: true, job: first };
    }
    for (let conflicts = 0; conflicts < maxConflicts; conflicts++) {
      const row = await this.#readRow(id);
      if (row === undefined) return { applied: false, job: undefined };
      if (row.mark === mark) return { applied: true, job: row.job };
      const job = applyTransition(row.job, transition);
      if (job === undefined) return { applied: false, job: row.job };
      const next = { ...row, job, mark };
      if (!(await this.#replace(row, next))) continue;
      if (transition.to === 'processing') this.#keepBegun(next);
      return { applied: true, job };
    }
    throw new Error(`Job ${id} was changed by others ${maxConflicts} times during one transition.`);
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<Job> {
    return watchJob(
      {
        read: (watched) => this.read(watched),
        subscribe: (_, round, notify) => {
          const timer = setTimeout(notify, pollMilliseconds(round));
          return () => clearTimeout(timer);
        },
      },
      id,
      signal,
    );
  }

  /**
   * Resolves to the id of the job the key leads to: this call's, where the key was free or its job is no longer kept.
   * @throws {Problem} `idempotency_key_reused`.
   */
  async #claimKey(idempotency: IdempotencyKey, job: Job): Promise<string> {
    const claimed = await this.#put(toKeyItem(idempotency, job), {
      ConditionExpression: 'attribute_not_exists(id) OR expiresAt <= :now',
      ExpressionAttributeValues: { ':now': job.createdAt },
    });
    if (claimed) return job.id;
    const item = await this.#get(keyRowId(idempotency.key));
    // Its job was deleted just now.
    if (item === undefined) return this.#claimKey(idempotency, job);
    const { jobId, request } = keyRow.parse(item);
    if (request === idempotency.request) return jobId;
    throw new Problem('idempotency_key_reused');
  }

  async #releaseKey(key: string, jobId: string): Promise<void> {
    await unlessConditionFails(
      this.#client.send(
        new DeleteCommand({
          TableName: this.#table,
          Key: { id: keyRowId(key) },
          ConditionExpression: 'jobId = :jobId',
          ExpressionAttributeValues: { ':jobId': jobId },
        }),
      ),
    );
  }

  #keepBegun(row: JobRow): void {
    if (this.#begun.size >= keptBegun) this.#begun.clear();
    this.#begun.set(row.job.id, row);
  }

  #takeBegun(id: string): JobRow | undefined {
    const row = this.#begun.get(id);
    this.#begun.delete(id);
    return row;
  }

  #replace(seen: JobRow, next: JobRow): Promise<boolean> {
    return this.#put(toItem(next), {
      ConditionExpression: 'version = :seen',
      ExpressionAttributeValues: { ':seen': seen.job.version },
    });
  }

  async #readRow(id: string): Promise<JobRow | undefined> {
    const item = await this.#get(id);
    return item && toJobRow(item);
  }

  async #get(id: string): Promise<Record<string, unknown> | undefined> {
    const command = new GetCommand({ TableName: this.#table, Key: { id }, ConsistentRead: true });
    return (await this.#client.send(command)).Item;
  }

  /** Resolves to whether the condition was met. */
  #put(item: Record<string, unknown>, condition: Condition): Promise<boolean> {
    return unlessConditionFails(
      this.#client.send(new PutCommand({ TableName: this.#table, Item: item, ...condition })),
    );
  }
}

interface Condition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

async function unlessConditionFails(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Most jobs end within a second. Those that take longer are polled less often. */
function pollMilliseconds(round: number): number {
  return Math.min(50 * 1.5 ** round, 1000);
}
