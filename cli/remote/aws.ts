/** The AWS command line, which knows every way of signing in that a person may have set up. */
import { spawn } from 'node:child_process';
import { Failure } from '../shell/command.ts';

/** How a deployment is found. */
export interface Where {
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

/**
 * Runs `aws` and gives what it printed as JSON; null when it printed nothing.
 *
 * @throws Failure when there is no `aws`, nobody is signed in, or AWS refuses
 */
export async function aws(where: Where, args: readonly string[]): Promise<unknown> {
  const all = [
    ...args,
    '--output',
    'json',
    ...(where.region ? ['--region', where.region] : []),
    ...(where.profile ? ['--profile', where.profile] : []),
  ];
  const { code, out, error } = await run(all);
  if (code === 0) return out.trim() === '' ? null : (JSON.parse(out) as unknown);
  if (code === null) {
    throw new Failure(
      'The AWS command line is not installed.',
      'https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html',
    );
  }
  // Its last line says what is wrong; what stands before is empty or about usage.
  const reason = error.trim().split('\n').at(-1) ?? '';
  throw new Failure(`aws ${args.slice(0, 2).join(' ')}: ${reason}`, cureOf(reason));
}

/** The outputs of a deployed stack, by name. */
export async function readOutputs(where: Where, stack: string): Promise<Map<string, string>> {
  const args = ['cloudformation', 'describe-stacks', '--stack-name', stack];
  const found = (await aws(where, args)) as {
    Stacks: { Outputs?: { OutputKey: string; OutputValue: string }[] }[];
  };
  const outputs = found.Stacks[0]?.Outputs ?? [];
  return new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

/** @throws Failure when the stack has no such output */
export function required(outputs: Map<string, string>, name: string, stack: string): string {
  const value = outputs.get(name);
  if (value) return value;
  throw new Failure(
    `The stack ${stack} has no output ${name}.`,
    'Is it a stack of Agensight? Name yours with --stack.',
  );
}

function cureOf(reason: string): string {
  if (/credentials|ExpiredToken|InvalidClientTokenId|SSO|sso/.test(reason)) {
    return 'Sign in: aws configure, or aws sso login; then: aws sts get-caller-identity';
  }
  if (/region/i.test(reason)) return 'Name the region with --region, or set AWS_REGION.';
  if (/does not exist/.test(reason)) return 'Deploy it first: npx cdk deploy (docs/cloud-setup.md)';
  return '';
}

function run(
  args: readonly string[],
): Promise<{ code: number | null; out: string; error: string }> {
  return new Promise((resolve) => {
    const child = spawn('aws', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let error = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      error += text;
    });
    child.on('error', () => resolve({ code: null, out, error }));
    child.on('close', (code) => resolve({ code: code ?? 1, out, error }));
  });
}

/** Options of the commands about a deployment. */
export const DEPLOYMENT_OPTIONS = {
  stack: { type: 'string', value: 'NAME', help: 'name of the stack (default Agensight)' },
  region: { type: 'string', value: 'REGION', help: 'AWS region (default: as the AWS CLI has it)' },
  profile: { type: 'string', value: 'NAME', help: 'profile of the AWS CLI' },
} as const;

export const DEFAULT_STACK = 'Agensight';
