/** Brings batches that wait outside of the database back into the queue. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  aws,
  DEFAULT_STACK,
  DEPLOYMENT_OPTIONS,
  readOutputs,
  required,
  type Where,
} from '../remote/aws.ts';
import { defineCommand, Failure, UsageError } from '../shell/command.ts';

/** The function works for up to five minutes before it answers. */
const READ_TIMEOUT_SECONDS = '330';

interface Answer {
  replayed: number;
  isFinished: boolean;
  after: string;
}

export const replay = defineCommand({
  name: 'replay',
  summary: 'bring batches that could not be stored back into the queue',
  args: '',
  maxArgs: 0,
  help: `
Asks the maintain function of a deployment to queue batches again: with
--dead-letters those that were put aside because the database refused them, once
what was wrong is mended; with --from and --to all that still wait and were
accepted in that time. A batch that was stored already is not stored twice.

It calls the AWS CLI, whose user needs lambda:InvokeFunction on that function and
cloudformation:DescribeStacks.`,
  options: {
    'dead-letters': { type: 'boolean', help: 'what is in the dead-letter queue' },
    from: { type: 'string', value: 'TIME', help: 'accepted then or later, ISO 8601' },
    to: { type: 'string', value: 'TIME', help: 'accepted until then, ISO 8601 (default: now)' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ values, out }) => {
    const order = orderOf(values['dead-letters'] === true, values.from, values.to);
    const where = { region: values.region, profile: values.profile };
    const stack = values.stack ?? DEFAULT_STACK;
    const name = required(await readOutputs(where, stack), 'MaintainFunction', stack);
    let replayed = 0;
    let after = '';
    for (;;) {
      const answer = await invoke(where, name, after ? { ...order, after } : order);
      replayed += answer.replayed;
      after = answer.after;
      if (answer.isFinished) break;
      if (!values.json) out.remark(`${replayed} so far`);
    }
    await out.print(
      values.json ? JSON.stringify({ replayed }) : `${replayed} batches are in the queue again.`,
    );
    return true;
  },
});

function orderOf(
  deadLetters: boolean,
  from: string | undefined,
  to: string | undefined,
): Record<string, unknown> {
  if (deadLetters === (from !== undefined)) {
    throw new UsageError('Either --dead-letters, or --from and --to. See: agensight help replay');
  }
  if (deadLetters) return { dead_letters: true };
  const [start, end] = [Date.parse(from ?? ''), to === undefined ? Date.now() : Date.parse(to)];
  if (Number.isNaN(start) || Number.isNaN(end) || start > end) {
    throw new UsageError('--from and --to are times such as 2026-01-02T03:04:05Z, in that order.');
  }
  return { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
}

async function invoke(where: Where, name: string, order: Record<string, unknown>): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'agensight-replay-'));
  const file = join(folder, 'answer.json');
  try {
    const meta = (await aws(where, [
      ...['lambda', 'invoke', '--function-name', name],
      ...['--payload', JSON.stringify({ replay: order })],
      ...['--cli-binary-format', 'raw-in-base64-out'],
      ...['--cli-read-timeout', READ_TIMEOUT_SECONDS, file],
    ])) as { FunctionError?: string };
    const answer = JSON.parse(readFileSync(file, 'utf8')) as Answer & { errorMessage?: string };
    if (meta.FunctionError) {
      throw new Failure(`The maintain function failed: ${answer.errorMessage ?? ''}`);
    }
    return answer;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
