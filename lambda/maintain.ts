/** The maintain function: on a schedule, or to replay. Late, repeated or parallel runs do no harm. */
import type { Context } from 'aws-lambda';
import { createAwsBacklog } from './overflow/backlog-aws.ts';
import { type MaintainAnswer, maintain } from './overflow/maintain.ts';
import { type ReplayAnswer, readReplay, replay } from './overflow/replay.ts';
import type { WorkerDependencies } from './overflow/worker.ts';
import { createWorkerDependencies } from './worker-dependencies.ts';

let dependencies: WorkerDependencies<'maintain'> | null = null;

/**
 * The entry point. An event `{"replay": {...}}` replays (see {@link readReplay}); any other event, such
 * as that of the schedule, starts maintenance. A failure fails the invocation, which raises an alarm.
 */
export async function handler(
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<ReplayAnswer | MaintainAnswer> {
  dependencies ??= createWorkerDependencies('maintain', createAwsBacklog);
  const leftMillis = () => context.getRemainingTimeInMillis();
  const order = readReplay(event);
  if (order) return replay(order, dependencies, leftMillis);
  return maintain(dependencies, leftMillis);
}
