/** `npm start` and `npm run demo`: runs the pipeline on this machine and sends the demo through it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { CliError } from '../cli/shell/errors.ts';
import { describeNewestTrace } from './describe-trace.ts';
import { readSettings, SettingsError } from './settings.ts';
import { type Stack, startStack } from './stack.ts';

const DEMO = fileURLToPath(new URL('../examples/multi-agent-chat.ts', import.meta.url));

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  console.log(
    settings.databaseUrl
      ? 'Starting the local stack on your Postgres …'
      : 'Starting the local stack on an embedded Postgres …',
  );
  const stack = await startStack(settings);
  redirectConsoleErrors(join(settings.folder, 'supabase.log'));
  try {
    console.log('Running examples/multi-agent-chat.ts …\n');
    await runDemo(stack);
    console.log('\nRead from the tables through supabase-js:');
    console.log(await describeNewestTrace(stack.env, stack.projectId));
    if (settings.once) return;
    console.log(`  ingest endpoint  ${stack.env.AGENSIGHT_ENDPOINT}`);
    console.log(`  Supabase         ${stack.env.SUPABASE_URL}`);
    console.log(`  for programs     ${stack.envFile}  (node --env-file=${stack.envFile} app.ts)`);
    // Subscribed before the line is printed: a test may send the signal as soon as it sees the line.
    const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    console.log('\nServing until Ctrl-C.');
    await stopped;
  } finally {
    await stack.close();
  }
}

/**
 * The local Supabase API prints every rejected statement with its parameters by console.error. They
 * contain user data, so they go to a log file instead of the terminal.
 */
function redirectConsoleErrors(logFile: string): void {
  console.error = (...values) => {
    const text = values.map((value) => (typeof value === 'string' ? value : inspect(value)));
    appendFileSync(logFile, `${new Date().toISOString()} ${text.join(' ')}\n`, { mode: 0o600 });
  };
}

/** Runs the demo as a user would: in another process, which gets the stack from its environment. */
async function runDemo({ env }: Stack): Promise<void> {
  const demo = spawn(process.execPath, [DEMO], {
    stdio: 'inherit',
    env: {
      ...process.env,
      AGENSIGHT_ENDPOINT: env.AGENSIGHT_ENDPOINT,
      AGENSIGHT_TOKEN: env.AGENSIGHT_TOKEN,
      AGENSIGHT_MODE: 'dev',
    },
  });
  const [code] = await once(demo, 'exit');
  if (code !== 0) throw new Error(`The demo exited with code ${code}.`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}

/** Expected errors without their stack. */
function messageOf(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (error instanceof CliError) return [error.message, error.hint].filter(Boolean).join('\n');
  return inspect(error);
}
