/** Connects a deployed stack with a Supabase project, and makes the first token. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  aws,
  DEFAULT_STACK,
  DEPLOYMENT_OPTIONS,
  readOutputs,
  required,
  type Where,
} from '../remote/aws.ts';
import { request } from '../remote/request.ts';
import { SupabaseAdmin } from '../remote/supabase-admin.ts';
import { defineCommand, Failure } from '../shell/command.ts';
import type { Output } from '../shell/output.ts';
import { READ_OPTIONS, type Settings } from '../shell/settings.ts';

/** How long the functions may take to see the new secret. */
const HEALTH_TRIES = 20;
const HEALTH_PAUSE_MILLIS = 3_000;

export const initCloud = defineCommand({
  name: 'init-cloud',
  summary: 'connect a deployed stack with a Supabase project, and make the first token',
  args: '',
  maxArgs: 0,
  help: `
Checks what a deployment needs, one thing after the other, and says what is
missing: the AWS account, the stack, the Supabase project and its tables. Then it
puts the project's address and secret key into the stack's secret, makes a project
with a token, and waits until the endpoint is well. The token is printed this once.

It asks for what it is not told. Run it again at any time: it goes on where it
stopped, and makes no second token unless asked to.

--migrations only copies the migrations of this version to supabase/migrations,
for "npx supabase db push".`,
  options: {
    migrations: { type: 'boolean', help: 'copy the migrations, and do nothing else' },
    'project-name': { type: 'string', value: 'NAME', help: 'of the first project (default: app)' },
    'new-token': { type: 'boolean', help: 'make a token although the project has one' },
    ...READ_OPTIONS,
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ values, settings, out }) => {
    if (values.migrations) return copyMigrations(out);
    const where = { region: values.region, profile: values.profile };
    const stack = values.stack ?? DEFAULT_STACK;
    const identity = (await aws(where, ['sts', 'get-caller-identity'])) as { Account: string };
    out.remark(`AWS account ${identity.Account}`);
    const outputs = await readOutputs(where, stack);
    const endpoint = required(outputs, 'Endpoint', stack);
    const secretArn = required(outputs, 'SecretArn', stack);
    out.remark(`stack ${stack}, endpoint ${endpoint}`);

    const access = await askAccess(settings, out);
    const admin = new SupabaseAdmin(access.url, access.secretKey);
    out.remark(`Supabase schema ${await admin.schemaVersion()}`);
    await putSecret(where, secretArn, access);
    out.remark('the secret is filled');

    const name = values['project-name'] ?? 'app';
    const project = await admin.project(name);
    const token =
      values['new-token'] || !(await admin.hasToken(project))
        ? await admin.createToken(project, 'init-cloud')
        : null;
    await waitForHealth(endpoint, out);
    const lines = [
      `AGENSIGHT_ENDPOINT=${endpoint}`,
      ...(token ? [`AGENSIGHT_TOKEN=${token}`] : []),
    ];
    if (values.json) await out.print(JSON.stringify({ endpoint, project, token }));
    else for (const line of lines) await out.print(line);
    out.remark(
      token
        ? 'The token is not shown again. Check it all: npx agensight doctor'
        : `The project "${name}" has a token already; --new-token makes another.`,
    );
    return true;
  },
});

interface Access {
  url: string;
  secretKey: string;
}

async function askAccess(settings: Settings, out: Output): Promise<Access> {
  const url =
    settings.supabaseUrl?.value ??
    (await ask('Supabase URL (Project Settings, Data API): ', 'SUPABASE_URL'));
  const secretKey =
    settings.supabaseKey?.value ??
    (await ask('Supabase secret key (Project Settings, API Keys): ', 'SUPABASE_SECRET_KEY'));
  if (secretKey.startsWith('sb_publishable_')) {
    throw new Failure('This is the publishable key.', 'Use the secret key: sb_secret_...');
  }
  out.remark(`Supabase project ${new URL(url).host}`);
  return { url, secretKey };
}

async function ask(question: string, variable: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Failure(`${variable} is not set.`, 'Set it, or run this on a terminal to be asked.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (await terminal.question(question)).trim();
    if (answer === '') throw new Failure(`${variable} is needed.`);
    return answer;
  } finally {
    terminal.close();
  }
}

/** By a file: what stands on a command line can be seen by others on this machine. */
async function putSecret(where: Where, secretArn: string, access: Access): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'agensight-secret-'));
  const file = join(folder, 'secret.json');
  try {
    const values = { SUPABASE_URL: access.url, SUPABASE_SECRET_KEY: access.secretKey };
    writeFileSync(file, JSON.stringify(values), { mode: 0o600 });
    await aws(where, [
      ...['secretsmanager', 'put-secret-value', '--secret-id', secretArn],
      ...['--secret-string', `file://${file}`],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function waitForHealth(endpoint: string, out: Output): Promise<void> {
  let said = '';
  for (let tries = 0; tries < HEALTH_TRIES; tries++) {
    const answer = await request(new URL('/v1/health', endpoint));
    if (answer.status === 200) return out.remark('the endpoint is well');
    const { message, status } = (answer.json ?? {}) as { message?: string; status?: string };
    said = message ?? status ?? `status ${answer.status}`;
    await sleep(HEALTH_PAUSE_MILLIS);
  }
  throw new Failure(`The endpoint is not well: ${said}`, 'Look at the log of the ingest function.');
}

async function copyMigrations(out: Output): Promise<boolean> {
  const from = ['../../migrations', '../../migrations']
    .map((path) => join(import.meta.dirname, path))
    .find((folder) => existsSync(folder));
  if (!from) throw new Failure('This package has no migrations.', 'Install agensight again.');
  const target = join(process.cwd(), 'supabase', 'migrations');
  mkdirSync(target, { recursive: true });
  cpSync(from, target, { recursive: true });
  await out.print(`The migrations are in ${target}. Next: npx supabase db push`);
  return true;
}
