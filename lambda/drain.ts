/** The drain function: stores what was accepted while the database was away. */
import type { Context, SQSEvent } from 'aws-lambda';
import { createAwsBacklog } from './overflow/backlog-aws.ts';
import { createDrain, type DrainAnswer } from './overflow/drain.ts';
import { createBackDependencies } from './worker-dependencies.ts';

let drain: ReturnType<typeof createDrain> | null = null;

/** The Lambda's entry. A setting that is missing fails the invocation: the messages stay. */
export async function handler(event: SQSEvent, context: Context): Promise<DrainAnswer> {
  drain ??= createDrain(createBackDependencies('agensight-drain', createAwsBacklog));
  return drain(event.Records, () => context.getRemainingTimeInMillis());
}
