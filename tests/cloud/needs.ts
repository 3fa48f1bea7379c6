import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, runCommand } from './run-command.ts';

const FOLDER = join(import.meta.dirname, 'runtime-client');
const MODULES = join(FOLDER, 'node_modules/aws-lambda-ric');

/** The entry of the Lambda runtime client. */
export const RUNTIME_CLIENT = join(MODULES, 'index.mjs');

/** What is missing on this machine to emulate the cloud, in words; empty when nothing is. */
export async function missingNeeds(): Promise<string[]> {
  const missing: string[] = [];
  const moto = await runCommand('python3', ['-c', 'import moto.server, boto3, cfnlint']);
  if (moto.code !== 0) missing.push('Python 3 with moto[server], boto3 and cfn-lint');
  if (isBuilt()) return missing;
  for (const tool of ['g++', 'cmake', 'make', 'xz']) {
    if ((await runCommand(tool, ['--version'])).code !== 0) missing.push(tool);
  }
  return missing;
}

/** Installs the Lambda runtime client, which is compiled here; once, as it is kept. */
export async function installRuntimeClient(): Promise<void> {
  if (isBuilt()) return;
  // From the lockfile, in a folder of its own: it takes a minute, and only this test needs it.
  const env = { ...process.env, MAKEFLAGS: '-j2' };
  await mustRun('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, env });
  if (!isBuilt()) throw new Error('aws-lambda-ric was installed, but not compiled.');
}

function isBuilt(): boolean {
  return existsSync(join(MODULES, 'rapid-client.node'));
}
