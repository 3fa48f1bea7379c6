import { describe, expect, it } from 'vitest';
import { fakeAws, stackWith } from '../support/fake-aws.ts';
import { runCli } from '../support/run-cli.ts';

const STACK = stackWith({ MaintainFunction: 'maintain-fn' });
const DONE = { replayed: 3, isFinished: true, after: '' };

describe('agensight replay', () => {
  it('asks the maintain function of the stack to move the dead letters', async () => {
    const aws = fakeAws([STACK, { when: 'lambda invoke', prints: {}, writes: DONE }]);
    const run = await runCli(['replay', '--dead-letters', '--region', 'eu-west-1'], aws);
    expect(run).toMatchObject({ code: 0, stdout: '3 batches are in the queue again.\n' });
    const [describeStacks, invoke] = aws.calls();
    expect(describeStacks?.args.join(' ')).toContain('--stack-name Agensight');
    expect(invoke?.args.join(' ')).toContain('--function-name maintain-fn');
    expect(invoke?.args).toContain('{"replay":{"dead_letters":true}}');
    expect(invoke?.args.join(' ')).toContain('--region eu-west-1');
  });

  it('asks for a range of time', async () => {
    const aws = fakeAws([STACK, { when: 'lambda invoke', prints: {}, writes: DONE }]);
    const range = ['--from', '2026-01-02T00:00:00Z', '--to', '2026-01-03', '--json'];
    expect((await runCli(['replay', ...range], aws)).stdout).toBe('{"replayed":3}\n');
    expect(aws.calls()[1]?.args).toContain(
      '{"replay":{"from":"2026-01-02T00:00:00.000Z","to":"2026-01-03T00:00:00.000Z"}}',
    );
  });

  it.each([
    [['replay'], 'Either --dead-letters'],
    [['replay', '--dead-letters', '--from', '2026-01-01'], 'Either --dead-letters'],
    [['replay', '--from', 'yesterday'], 'are times such as'],
    [['replay', '--from', '2026-01-02', '--to', '2026-01-01'], 'in that order'],
  ])('%j is wrong usage', async (args, said) => {
    const run = await runCli(args);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(said);
  });

  it('tells what failed in the function', async () => {
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
  ])('says what to do about "%s"', async (fails, cure) => {
    const aws = fakeAws([{ when: 'cloudformation', fails }]);
    const run = await runCli(['replay', '--dead-letters'], aws);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(cure);
  });

  it('says so when the AWS CLI is not there', async () => {
    const run = await runCli(['replay', '--dead-letters'], { env: { PATH: '/nowhere' } });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('The AWS command line is not installed');
  });
});
