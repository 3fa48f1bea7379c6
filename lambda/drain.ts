/** The drain function: stores batches that were accepted while the database was unavailable. */
import type { Context, SQSEvent } from 'aws-lambda';
import { createAwsBacklog } from './overflow/backlog-aws.ts';
import { createDrain, type DrainAnswer } from './overflow/drain.ts';
import { createWorkerDependencies } from './worker-dependencies.ts';

let drain: ReturnType<typeof createDrain> | null = null;

/** The entry point. A missing setting fails the invocation, and the messages stay in the queue. */
export async function handler(event: SQSEvent, context: Context): Promise<DrainAnswer> {
  drain ??= createDrain(createWorkerDependencies('drain', createAwsBacklog));
  return drain(event.Records, () => context.getRemainingTimeInMillis());
}
