/** Queues batches again that wait outside the database. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import {
  type AwsTarget,
  aws,
  DEFAULT_STACK,
  DEPLOYMENT_OPTIONS,
  parseAnswer,
  readOutputs,
  requireOutput,
} from '../remote/aws.ts';
import { defineCommand } from '../shell/command.ts';
import { CliError, UsageError } from '../shell/errors.ts';

/** The function runs for up to five minutes. */
const READ_TIMEOUT_SECONDS = '330';

const Invocation = z.looseObject({ FunctionError: z.optional(z.string()) });
const FunctionFailure = z.object({ errorMessage: z.optional(z.string()) });
const Progress = z.object({ replayed: z.number(), isFinished: z.boolean(), after: z.string() });

export const replay = defineCommand({
  name: 'replay',
  summary: 'queue batches again that could not be stored',
  args: '',
  maxArgs: 0,
  help: `
Invokes the maintain function of a deployment to queue batches again: with
--dead-letters those that the database rejected, once the cause is fixed; with
--from and --to all that still wait and were accepted in that time. A batch that
is already stored is not stored twice.

It runs the AWS CLI, whose user needs lambda:InvokeFunction on that function and
cloudformation:DescribeStacks.`,
  options: {
    'dead-letters': { type: 'boolean', help: 'the batches of the dead-letter queue' },
    from: { type: 'string', value: 'TIME', help: 'accepted at or after, ISO 8601' },
    to: { type: 'string', value: 'TIME', help: 'accepted until, ISO 8601 (default: now)' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ values, out }) => {
    const selection = selectBatches(values['dead-letters'] === true, values.from, values.to);
    const target = { region: values.region, profile: values.profile };
    const stack = values.stack ?? DEFAULT_STACK;
    const name = requireOutput(await readOutputs(target, stack), 'MaintainFunction', stack);
    let replayed = 0;
    let after = '';
    for (;;) {
      const progress = await invoke(target, name, after ? { ...selection, after } : selection);
      replayed += progress.replayed;
      after = progress.after;
      if (progress.isFinished) break;
      if (!values.json) out.remark(`${replayed} batches so far`);
    }
    await out.print(
      values.json ? JSON.stringify({ replayed }) : `${replayed} batches are queued again.`,
    );
    return true;
  },
});

/** The payload that selects batches. */
function selectBatches(
  deadLetters: boolean,
  from: string | undefined,
  to: string | undefined,
): Record<string, unknown> {
  if (deadLetters === (from !== undefined)) {
    throw new UsageError('give either --dead-letters, or --from and --to', {
      hint: 'See: agensight help replay',
    });
  }
  if (deadLetters) return { dead_letters: true };
  const [start, end] = [Date.parse(from ?? ''), to === undefined ? Date.now() : Date.parse(to)];
  if (Number.isNaN(start) || Number.isNaN(end) || start > end) {
    throw new UsageError(
      '--from and --to must be times such as 2026-01-02T03:04:05Z, --from before --to',
    );
  }
  return { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
}

async function invoke(
  target: AwsTarget,
  name: string,
  selection: Record<string, unknown>,
): Promise<z.infer<typeof Progress>> {
  const folder = mkdtempSync(join(tmpdir(), 'agensight-replay-'));
  const file = join(folder, 'answer.json');
  const args = [
    ...['lambda', 'invoke', '--function-name', name],
    ...['--payload', JSON.stringify({ replay: selection })],
    ...['--cli-binary-format', 'raw-in-base64-out'],
    ...['--cli-read-timeout', READ_TIMEOUT_SECONDS, file],
  ];
  try {
    const { FunctionError } = await aws(target, args, Invocation);
    const text = readFileSync(file, 'utf8');
    if (FunctionError === undefined) return parseAnswer(Progress, text, 'the maintain function');
    const { errorMessage = '' } = parseAnswer(FunctionFailure, text, 'the maintain function');
    throw new CliError(`the maintain function failed: ${errorMessage}`, {
      code: 'AGENSIGHT_CLI_AWS',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
