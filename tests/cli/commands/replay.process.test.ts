import { describe, expect, it } from 'vitest';
import { fakeAws, stackWith } from '../support/fake-aws.ts';
import { runCli } from '../support/run-cli.ts';

const STACK = stackWith({ MaintainFunction: 'maintain-fn' });
const FINISHED = { replayed: 3, isFinished: true, after: '' };

describe('agensight replay', () => {
  it('invokes the maintain function of the stack for the dead letters', async () => {
    const aws = fakeAws([STACK, { when: 'lambda invoke', prints: {}, writes: FINISHED }]);
    const run = await runCli(['replay', '--dead-letters', '--region', 'eu-west-1'], aws);
    expect(run).toMatchObject({ code: 0, stdout: '3 batches are queued again.\n' });
    const [describeStacks, invoke] = aws.calls();
    expect(describeStacks?.args.join(' ')).toContain('--stack-name Agensight');
    expect(invoke?.args.join(' ')).toContain('--function-name maintain-fn');
    expect(invoke?.args).toContain('{"replay":{"dead_letters":true}}');
    expect(invoke?.args.join(' ')).toContain('--region eu-west-1');
  });

  it('invokes it for a range of time', async () => {
    const aws = fakeAws([STACK, { when: 'lambda invoke', prints: {}, writes: FINISHED }]);
    const range = ['--from', '2026-01-02T00:00:00Z', '--to', '2026-01-03', '--json'];
    expect((await runCli(['replay', ...range], aws)).stdout).toBe('{"replayed":3}\n');
    expect(aws.calls()[1]?.args).toContain(
      '{"replay":{"from":"2026-01-02T00:00:00.000Z","to":"2026-01-03T00:00:00.000Z"}}',
    );
  });

  it.each([
    [['replay'], 'give either --dead-letters'],
    [['replay', '--dead-letters', '--from', '2026-01-01'], 'give either --dead-letters'],
    [['replay', '--from', 'yesterday'], 'must be times such as'],
    [['replay', '--from', '2026-01-02', '--to', '2026-01-01'], '--from before --to'],
  ])('%j is invalid usage', async (args, message) => {
    const run = await runCli(args);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(message);
  });

  it('reports an error of the function', async () => {
    const aws = fakeAws([
      STACK,
      {
        when: 'lambda invoke',
        prints: { FunctionError: 'Unhandled' },
        writes: { errorMessage: 'send is broken' },
      },
    ]);
    const run = await runCli(['replay', '--dead-letters'], aws);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('send is broken');
  });

  it.each([
    ['Unable to locate credentials. You can configure ...', 'aws sts get-caller-identity'],
    ['Stack with id Agensight does not exist', 'npx cdk deploy'],
    ['You must specify a region.', '--region'],
  ])('has a hint for "%s"', async (fails, hint) => {
    const aws = fakeAws([{ when: 'cloudformation', fails }]);
    const run = await runCli(['replay', '--dead-letters'], aws);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(hint);
  });

  it('reports an answer of another form', async () => {
    const aws = fakeAws([STACK, { when: 'lambda invoke', prints: {}, writes: { replayed: 'x' } }]);
    const run = await runCli(['replay', '--dead-letters'], aws);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('the maintain function answered in an unexpected form');
  });

  it('reports a missing AWS CLI', async () => {
    const run = await runCli(['replay', '--dead-letters'], { env: { PATH: '/nowhere' } });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('the AWS CLI is not installed');
  });
});
