/** The AWS CLI, which supports every way to sign in that a user may have configured. */
import { spawn } from 'node:child_process';
import * as z from 'zod/mini';
import { CliError } from '../shell/errors.ts';

/** Region and profile of a deployment; undefined for the defaults of the AWS CLI. */
export interface AwsTarget {
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

/**
 * Runs `aws` and parses its JSON output; an empty output is null.
 *
 * @throws CliError when `aws` is not installed, is not signed in, fails, or prints another form
 */
export async function aws<Result>(
  { region, profile }: AwsTarget,
  args: readonly string[],
  result: z.ZodMiniType<Result>,
): Promise<Result> {
  const { code, stdout, stderr } = await run([
    ...args,
    ...['--output', 'json'],
    ...(region ? ['--region', region] : []),
    ...(profile ? ['--profile', profile] : []),
  ]);
  const command = `aws ${args.slice(0, 2).join(' ')}`;
  if (code === null) {
    throw new CliError('the AWS CLI is not installed', {
      code: 'AGENSIGHT_CLI_AWS',
      hint: 'https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html',
    });
  }
  if (code !== 0) {
    // The last line has the reason; the lines before are empty or show the usage.
    const reason = stderr.trim().split('\n').at(-1) ?? '';
    throw new CliError(`${command}: ${reason}`, {
      code: 'AGENSIGHT_CLI_AWS',
      hint: hintFor(reason),
    });
  }
  return parseAnswer(result, stdout.trim() || 'null', command);
}

/**
 * Parses JSON that AWS returned.
 *
 * @throws CliError when it has another form
 */
export function parseAnswer<T>(schema: z.ZodMiniType<T>, text: string, source: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const message = `${source} answered in an unexpected form`;
    throw new CliError(message, { code: 'AGENSIGHT_CLI_AWS', cause: error });
  }
}

const Stacks = z.object({
  Stacks: z.array(
    z.object({
      Outputs: z.optional(z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() }))),
    }),
  ),
});

/** The outputs of a deployed stack, by name. */
export async function readOutputs(target: AwsTarget, stack: string): Promise<Map<string, string>> {
  const args = ['cloudformation', 'describe-stacks', '--stack-name', stack];
  const found = await aws(target, args, Stacks);
  const outputs = found.Stacks[0]?.Outputs ?? [];
  return new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

/** @throws CliError when the stack does not have the output */
export function requireOutput(outputs: Map<string, string>, name: string, stack: string): string {
  const value = outputs.get(name);
  if (value) return value;
  throw new CliError(`the stack ${stack} has no output ${name}`, {
    code: 'AGENSIGHT_CLI_AWS',
    hint: 'Name a stack of Agensight with --stack.',
  });
}

function hintFor(reason: string): string {
  if (/credentials|ExpiredToken|InvalidClientTokenId|SSO|sso/.test(reason)) {
    return 'Sign in: aws configure, or aws sso login; then: aws sts get-caller-identity';
  }
  if (/region/i.test(reason)) return 'Set the region with --region or AWS_REGION.';
  if (/does not exist/.test(reason))
    return 'Deploy the stack: npx cdk deploy (docs/cloud-setup.md)';
  return '';
}

interface ProcessResult {
  /** Null when the program does not exist. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[]): Promise<ProcessResult> {
  return new Promise((resolve) => {
    const child = spawn('aws', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', () => resolve({ code: null, stdout, stderr }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** Options of commands about a deployment. */
export const DEPLOYMENT_OPTIONS = {
  stack: { type: 'string', value: 'NAME', help: 'name of the stack (default Agensight)' },
  region: { type: 'string', value: 'REGION', help: 'AWS region (default: of the AWS CLI)' },
  profile: { type: 'string', value: 'NAME', help: 'profile of the AWS CLI' },
} as const;

export const DEFAULT_STACK = 'Agensight';
