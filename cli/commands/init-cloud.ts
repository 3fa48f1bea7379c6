/** Connects a deployed stack to a Supabase project and creates the first token. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { type Form, HEADER_VALUE_FORM, ORIGIN_FORM } from '../../wire/settings.ts';
import { migrationsFolder } from '../migrate/files.ts';
import {
  type AwsTarget,
  aws,
  DEFAULT_STACK,
  DEPLOYMENT_OPTIONS,
  readOutputs,
  requireOutput,
} from '../remote/aws.ts';
import { createToken, findOrCreateProject, hasToken, schemaVersion } from '../remote/projects.ts';
import { request } from '../remote/request.ts';
import { Rest } from '../remote/rest.ts';
import { defineCommand } from '../shell/command.ts';
import { CliError } from '../shell/errors.ts';
import type { Output } from '../shell/output.ts';
import { READ_OPTIONS, type Settings } from '../shell/settings.ts';

/** The functions see a new secret within a minute. */
const HEALTH_TRIES = 20;
const HEALTH_PAUSE_MILLIS = 3_000;

export const initCloud = defineCommand({
  name: 'init-cloud',
  summary: 'connect a deployed stack to a Supabase project and create the first token',
  args: '',
  maxArgs: 0,
  help: `
Checks what a deployment needs, in order, and reports what is missing: the AWS
account, the stack, the Supabase project and its tables. Then it stores the
project's URL and secret key in the stack's secret, creates a project with a token
and waits until the endpoint is healthy. The token is shown only once.

It prompts for settings that are not given. It can be run again at any time: it
continues where it stopped, and creates a second token only with --new-token.

--migrations only copies the migrations of this version to supabase/migrations,
for "npx supabase db push".`,
  options: {
    migrations: { type: 'boolean', help: 'copy the migrations, and do nothing else' },
    'project-name': { type: 'string', value: 'NAME', help: 'name of the project (default: app)' },
    'new-token': { type: 'boolean', help: 'create a token even if the project has one' },
    ...READ_OPTIONS,
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ values, settings, out }) => {
    if (values.migrations) return copyMigrations(out);
    const target = { region: values.region, profile: values.profile };
    const stack = values.stack ?? DEFAULT_STACK;
    const identity = await aws(target, ['sts', 'get-caller-identity'], Identity);
    out.remark(`AWS account ${identity.Account}`);
    const outputs = await readOutputs(target, stack);
    const endpoint = requireOutput(outputs, 'Endpoint', stack);
    const secretArn = requireOutput(outputs, 'SecretArn', stack);
    out.remark(`stack ${stack}, endpoint ${endpoint}`);

    const access = await readAccess(settings, out);
    const rest = new Rest(access.url, access.secretKey);
    out.remark(`Supabase schema version ${await schemaVersion(rest)}`);
    await putSecret(target, secretArn, access);
    out.remark('the secret is stored');

    const name = values['project-name'] ?? 'app';
    const project = await findOrCreateProject(rest, name);
    const isTokenWanted = values['new-token'] || !(await hasToken(rest, project));
    const token = isTokenWanted ? await createToken(rest, project, 'init-cloud') : null;
    await waitForHealth(endpoint, out);
    const lines = [
      `AGENSIGHT_ENDPOINT=${endpoint}`,
      ...(token ? [`AGENSIGHT_TOKEN=${token}`] : []),
    ];
    if (values.json) await out.print(JSON.stringify({ endpoint, project, token }));
    else for (const line of lines) await out.print(line);
    out.remark(
      token
        ? 'The token is shown only once. Next: npx agensight doctor'
        : `The project "${name}" already has a token; --new-token creates another.`,
    );
    return true;
  },
});

const Identity = z.object({ Account: z.string() });

interface Access {
  readonly url: string;
  readonly secretKey: string;
}

async function readAccess(settings: Settings, out: Output): Promise<Access> {
  const url =
    settings.supabaseUrl?.value ??
    (await prompt('Supabase URL (Project Settings, Data API): ', 'SUPABASE_URL'));
  requireForm('SUPABASE_URL', url, ORIGIN_FORM);
  const secretKey =
    settings.supabaseKey?.value ??
    (await prompt('Supabase secret key (Project Settings, API Keys): ', 'SUPABASE_SECRET_KEY'));
  requireForm('SUPABASE_SECRET_KEY', secretKey, HEADER_VALUE_FORM);
  if (secretKey.startsWith('sb_publishable_')) {
    throw new CliError('this is the publishable key', {
      code: 'AGENSIGHT_CLI_SETTING_INVALID',
      hint: 'Use the secret key: sb_secret_...',
    });
  }
  out.remark(`Supabase project ${new URL(url).host}`);
  return { url, secretKey };
}

/** Checks a value that may come from the prompt, which the settings have not validated. */
function requireForm(variable: string, value: string, form: Form): void {
  if (form.accepts(value)) return;
  throw new CliError(`${variable} ${form.problem}`, { code: 'AGENSIGHT_CLI_SETTING_INVALID' });
}

async function prompt(question: string, variable: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CliError(`${variable} is not set`, {
      code: 'AGENSIGHT_CLI_SETTING_MISSING',
      hint: 'Set it, or run the command on a terminal, which prompts for it.',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (await terminal.question(question)).trim();
    if (answer === '') {
      throw new CliError(`${variable} is required`, { code: 'AGENSIGHT_CLI_SETTING_MISSING' });
    }
    return answer;
  } finally {
    terminal.close();
  }
}

/** Passes the secret in a file: other users of this machine can see command lines. */
async function putSecret(target: AwsTarget, secretArn: string, access: Access): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'agensight-secret-'));
  const file = join(folder, 'secret.json');
  const args = [
    ...['secretsmanager', 'put-secret-value', '--secret-id', secretArn],
    ...['--secret-string', `file://${file}`],
  ];
  try {
    const values = { SUPABASE_URL: access.url, SUPABASE_SECRET_KEY: access.secretKey };
    writeFileSync(file, JSON.stringify(values), { mode: 0o600 });
    await aws(target, args, z.unknown());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const UnhealthyBody = z.object({
  message: z.optional(z.string()),
  status: z.optional(z.string()),
});

async function waitForHealth(endpoint: string, out: Output): Promise<void> {
  let reason = '';
  for (let tries = 0; tries < HEALTH_TRIES; tries++) {
    const { status, json } = await request(new URL('/v1/health', endpoint));
    if (status === 200) return out.remark('the endpoint is healthy');
    const { data } = UnhealthyBody.safeParse(json);
    reason = data?.message ?? data?.status ?? `status ${status}`;
    await sleep(HEALTH_PAUSE_MILLIS);
  }
  throw new CliError(`the endpoint is not healthy: ${reason}`, {
    code: 'AGENSIGHT_CLI_REJECTED',
    hint: 'Check the log of the ingest function.',
  });
}

async function copyMigrations(out: Output): Promise<boolean> {
  const target = join(process.cwd(), 'supabase', 'migrations');
  mkdirSync(target, { recursive: true });
  cpSync(migrationsFolder(), target, { recursive: true });
  await out.print(`Copied the migrations to ${target}. Next: npx supabase db push`);
  return true;
}
