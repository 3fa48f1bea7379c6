import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestStack } from '../../support/stack.ts';
import { fakeAws, stackWith } from '../support/fake-aws.ts';
import { emptyFolder, runCli, SOURCES } from '../support/run-cli.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:1:secret:x';
const IDENTITY = { when: 'sts get-caller-identity', prints: { Account: '123456789012' } };

describe('agensight init-cloud', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start(null);
  });
  afterAll(() => stack.close());

  function cloud() {
    return fakeAws([
      IDENTITY,
      stackWith({ Endpoint: stack.endpoint, SecretArn: SECRET_ARN }),
      { when: `secretsmanager put-secret-value --secret-id ${SECRET_ARN}`, prints: {} },
    ]);
  }
  const supabase = () => ({
    SUPABASE_URL: stack.stack.env.SUPABASE_URL,
    SUPABASE_SECRET_KEY: stack.stack.env.SUPABASE_SECRET_KEY,
  });

  it('stores the secret, creates a project and prints a valid token', async () => {
    const aws = cloud();
    const run = await runCli(['init-cloud', '--project-name', 'mine', '--json'], {
      env: { ...aws.env, ...supabase() },
    });
    expect(run.stderr).toContain('AWS account 123456789012');
    expect(run.code).toBe(0);
    const { token, project } = JSON.parse(run.stdout) as { token: string; project: string };
    const put = aws.calls().find(({ args }) => args[0] === 'secretsmanager');
    // The key is passed in a file: other users can see command lines.
    expect(JSON.parse(Object.values(put?.files ?? {})[0] ?? '')).toEqual(supabase());
    expect(JSON.stringify(put?.args)).not.toContain(supabase().SUPABASE_SECRET_KEY);
    const sent = await stack.post(
      '/v1/batch',
      JSON.stringify({ batch_id: '01890a5d-ac96-774b-bcce-b302099a8057', traces: [{ id: 't' }] }),
      { authorization: `Bearer ${token}` },
    );
    expect(sent.status).toBe(200);
    expect(project).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('creates a second token only with --new-token', async () => {
    const options = { env: { ...cloud().env, ...supabase() } };
    const args = ['init-cloud', '--project-name', 'again', '--json'];
    const first = JSON.parse((await runCli(args, options)).stdout);
    expect(first.token).toMatch(/^agn_/);
    const second = JSON.parse((await runCli(args, options)).stdout);
    expect(second).toEqual({ ...first, token: null });
    const third = JSON.parse((await runCli([...args, '--new-token'], options)).stdout);
    expect(third.token).toMatch(/^agn_/);
    expect(third.token).not.toBe(first.token);
  });

  it.each([
    [{ SUPABASE_SECRET_KEY: 'sb_publishable_x' }, 'publishable key'],
    [{ SUPABASE_SECRET_KEY: 'sb_secret_wrong' }, 'Use the secret key'],
    [{ SUPABASE_SECRET_KEY: '' }, 'SUPABASE_SECRET_KEY is not set'],
  ])('fails with %j before it stores a secret', async (env, message) => {
    const aws = cloud();
    const run = await runCli(['init-cloud'], { env: { ...aws.env, ...supabase(), ...env } });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(message);
    expect(aws.calls().some(({ args }) => args[0] === 'secretsmanager')).toBe(false);
  });

  it('copies the migrations for the Supabase CLI', async () => {
    const cwd = emptyFolder();
    const run = await runCli(['init-cloud', '--migrations'], { cwd, file: SOURCES });
    expect(run.code).toBe(0);
    expect(readdirSync(join(cwd, 'supabase/migrations'))).toEqual(
      readdirSync(new URL('../../../migrations', import.meta.url)),
    );
  });
});
