import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program `aws` with scripted answers, and its recorded calls. */
export interface FakeAws {
  /** Environment that puts the program first in PATH. */
  env: Record<string, string>;
  /** The arguments of each call, and the content of every file that they name. */
  calls(): { args: string[]; files: Record<string, string> }[];
}

/** The behaviour of a call whose arguments start with `when`. */
export interface AwsAnswer {
  when: string;
  prints?: unknown;
  fails?: string;
  /** Written to the argument that ends with `answer.json`. */
  writes?: unknown;
}

export function fakeAws(answers: readonly AwsAnswer[]): FakeAws {
  const folder = mkdtempSync(join(tmpdir(), 'agensight-aws-'));
  const log = join(folder, 'calls.jsonl');
  writeFileSync(log, '');
  writeFileSync(
    join(folder, 'aws'),
    `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const files = {};
for (const arg of args) if (arg.startsWith('file://')) files[arg] = readFileSync(arg.slice(7), 'utf8');
appendFileSync(${JSON.stringify(log)}, JSON.stringify({ args, files }) + '\\n');
const line = args.join(' ');
const answer = ${JSON.stringify(answers)}.find(({ when }) => line.startsWith(when));
if (!answer || answer.fails) { console.error('\\n' + (answer?.fails ?? 'unexpected: ' + line)); process.exit(254); }
if (answer.writes !== undefined) writeFileSync(args.find((arg) => arg.endsWith('answer.json')), JSON.stringify(answer.writes));
if (answer.prints !== undefined) console.log(JSON.stringify(answer.prints));
`,
  );
  chmodSync(join(folder, 'aws'), 0o755);
  return {
    env: { PATH: `${folder}:${process.env.PATH}` },
    calls: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

/** The answer of CloudFormation for a deployed stack with these outputs. */
export function stackWith(outputs: Record<string, string>): AwsAnswer {
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({
    OutputKey,
    OutputValue,
  }));
  return { when: 'cloudformation describe-stacks', prints: { Stacks: [{ Outputs }] } };
}
