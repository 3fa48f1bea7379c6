/** The maintain function: on a schedule, or asked to replay. Late, twice or twice at once does no harm. */
import type { Context } from 'aws-lambda';
import { createAwsBacklog } from './overflow/backlog-aws.ts';
import { type ReplayAnswer, readReplay, replay } from './overflow/replay.ts';
import { type Upkeep, upkeep } from './overflow/sweep.ts';
import type { BackDependencies } from './overflow/worker.ts';
import { createBackDependencies } from './worker-dependencies.ts';

let dependencies: BackDependencies | null = null;

/**
 * The Lambda's entry. An event `{"replay": {...}}` replays (see {@link readReplay}); any other, such
 * as the schedule's, is a run of upkeep. What cannot be done fails the invocation, which alarms.
 */
export async function handler(
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<ReplayAnswer | Upkeep> {
  dependencies ??= createBackDependencies('agensight-maintain', createAwsBacklog);
  const leftMillis = () => context.getRemainingTimeInMillis();
  const order = readReplay(event);
  if (order) return replay(order, dependencies, leftMillis);
  return upkeep(dependencies, leftMillis);
}
