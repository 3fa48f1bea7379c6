import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../../cli/doctor/check.ts';
import { TestStack } from '../../support/stack.ts';
import { closeServers, handlerOn, nowhere, proxyOf, serve } from '../support/broken-servers.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.start(null);
});
afterAll(() => stack.close());
afterEach(closeServers);

const reading = () => ({
  SUPABASE_URL: stack.stack.env.SUPABASE_URL,
  SUPABASE_SECRET_KEY: stack.stack.env.SUPABASE_SECRET_KEY,
});

interface Diagnosis extends CliRun {
  of(name: Check['name']): Check;
}

async function diagnose(env: Record<string, string>, ...args: string[]): Promise<Diagnosis> {
  const run = await runCli(['doctor', '--json', ...args], {
    env: { AGENSIGHT_ENDPOINT: stack.endpoint, AGENSIGHT_TOKEN: stack.token, ...env },
  });
  const { ok, checks } = JSON.parse(run.stdout) as { ok: boolean; checks: Check[] };
  expect(run.code).toBe(ok ? 0 : 1);
  expect(ok).toBe(checks.every(({ status }) => status !== 'failed'));
  for (const check of checks) if (check.status === 'failed') expect(check.hint).not.toBe('');
  return { ...run, of: (name) => checks.find((check) => check.name === name) as Check };
}

async function createToken(change: string): Promise<string> {
  const [created] = await stack.stack.surface.query<{ id: string; token: string }>(
    "select id, token from agensight.create_token($1::uuid, 'for the doctor')",
    [stack.stack.projectId],
  );
  await stack.stack.surface.query(`update agensight_private.tokens set ${change} where id = $1`, [
    created?.id,
  ]);
  return created?.token ?? '';
}

describe('a working deployment', () => {
  it('passes all checks that need only a token', async () => {
    const run = await diagnose({});
    expect(run.code).toBe(0);
    for (const name of ['runtime', 'endpoint', 'schema', 'clock', 'token', 'canary'] as const) {
      expect(run.of(name).status).toBe('ok');
    }
    expect(run.of('tables')).toMatchObject({
      status: 'not checked',
      hint: expect.stringContaining('SUPABASE_SECRET_KEY'),
    });
  });

  it('has the canary in the tables', async () => {
    const run = await diagnose(reading());
    expect(run.of('tables')).toMatchObject({ status: 'ok' });
    const [, trace = ''] = /trace ([0-9a-f]{32})/.exec(run.of('tables').detail) ?? [];
    expect(await stack.rows('traces', { id: trace })).toMatchObject([
      { name: 'agensight doctor', mode: 'dev', span_count: 1, status: 'ok' },
    ]);
  });

  it('passes when the batch goes through the overflow queue', async () => {
    const url = await serve(proxyOf(stack.endpoint, { postStatus: 202 }));
    const run = await diagnose({ ...reading(), AGENSIGHT_ENDPOINT: url });
    expect(run.of('canary')).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('202'),
    });
    expect(run.of('tables').status).toBe('ok');
  });

  it('is reported as text that does not contain the whole token', async () => {
    const run = await runCli(['doctor'], {
      env: { AGENSIGHT_ENDPOINT: stack.endpoint, AGENSIGHT_TOKEN: stack.token, ...reading() },
    });
    expect(run.stdout).toMatch(/^ok +runtime/);
    expect(run.stdout).toMatch(/^ok +token +agn_[0-9a-f]{8}… \(AGENSIGHT_TOKEN\)/m);
    expect(run.stdout + run.stderr).not.toContain(stack.token);
  });
});

describe('the endpoint', () => {
  it.each<[string, () => Promise<string>, string, string]>([
    ['refuses connections', nowhere, 'nothing listens at', 'Start the server'],
    [
      'is a web page',
      () => serve((_, response) => response.setHeader('content-type', 'text/html').end('<html>')),
      'answers 200 with text/html',
      'Set AGENSIGHT_ENDPOINT',
    ],
    [
      'has the path of a route in its URL',
      async () => `${stack.endpoint}/v1/batch`,
      'answers 404',
      'Use the URL without the path',
    ],
    [
      'is the Supabase URL',
      async () => reading().SUPABASE_URL,
      'unlike an ingest endpoint',
      'Set AGENSIGHT_ENDPOINT',
    ],
    [
      'redirects',
      () =>
        serve((_, response) => response.writeHead(301, { location: 'https://b.example/' }).end()),
      'redirects to https://b.example/',
      'Use that URL',
    ],
    [
      'is a function URL that is not public',
      () => serve((_, response) => response.writeHead(403).end('{"Message":"Forbidden"}')),
      'answers 403',
      'auth type NONE',
    ],
    [
      'is down',
      () => serve((_, response) => response.writeHead(503).end('Service Unavailable')),
      'answers 503',
      'check the logs of the function',
    ],
    [
      'closes the connection',
      () => serve((request) => request.socket.destroy()),
      'closed the connection',
      'https://',
    ],
    [
      'has a self-signed certificate',
      () => serve((_, response) => response.end(), true),
      'signed by an unknown authority',
      'NODE_EXTRA_CA_CERTS',
    ],
    [
      'does not speak TLS',
      async () => (await serve(() => {})).replace('http:', 'https:'),
      'does not speak TLS',
      'Use http://',
    ],
    [
      'has an unknown host name',
      async () => 'http://nowhere.invalid',
      'the host nowhere.invalid does not exist',
      'DNS',
    ],
    [
      'has an unavailable database',
      async () => serve(handlerOn(await nowhere(), 'key')),
      'cannot reach its database (503)',
      'paused',
    ],
  ])('fails when it %s', async (_, url, detail, hint) => {
    const run = await diagnose({ AGENSIGHT_ENDPOINT: await url() });
    expect(run.code).toBe(1);
    expect(run.of('endpoint')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining(detail),
      hint: expect.stringContaining(hint),
    });
    for (const name of ['schema', 'token', 'canary'] as const) {
      expect(run.of(name).status).toBe('not checked');
    }
  });

  it('fails when its database has an old schema', async () => {
    const define = (version: number) =>
      stack.stack.surface.query(
        `create or replace function agensight.schema_version() returns integer
         language sql immutable security invoker set search_path = '' as $$ select ${version} $$`,
      );
    const [now] = await stack.stack.surface.query<{ version: number }>(
      'select agensight.schema_version() as version',
    );
    await define(0);
    try {
      const url = await serve(handlerOn(reading().SUPABASE_URL, reading().SUPABASE_SECRET_KEY));
      const run = await diagnose({ AGENSIGHT_ENDPOINT: url });
      expect(run.of('schema')).toMatchObject({
        status: 'failed',
        detail: expect.stringContaining('has schema version 0'),
        hint: expect.stringContaining('supabase db push'),
      });
      expect(run.of('canary').status).toBe('ok');
    } finally {
      await define(now?.version ?? 1);
    }
  });

  it.each([
    ['ahead of', -3_600_000],
    ['behind', 90_000],
  ])('fails when the local clock is %s its clock', async (direction, offMillis) => {
    const date = new Date(Date.now() + offMillis).toUTCString();
    const run = await diagnose({
      AGENSIGHT_ENDPOINT: await serve(proxyOf(stack.endpoint, { headers: { date } })),
    });
    expect(run.of('clock')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining(`s ${direction} the clock of the endpoint`),
      hint: expect.stringContaining('NTP'),
    });
  });
});

describe('the token', () => {
  const unknown = `agn_${'0'.repeat(64)}`;

  it.each<[string, () => Promise<string>, string, string]>([
    ['is truncated', async () => stack.token.slice(0, 20), 'is not a valid', 'is not a valid'],
    ['is unknown', async () => unknown, 'refused (401', 'is not in the table tokens'],
    ['is revoked', () => createToken('revoked_at = now()'), 'refused (401', 'was revoked at'],
    ['is expired', () => createToken('expires_at = now()'), 'refused (401', 'expired at'],
    ['may only read', () => createToken("scopes = '{read}'"), 'refused (403', 'the scope read'],
  ])('fails when it %s', async (_, create, detail, known) => {
    const token = await create();
    const [alone, withTables] = await Promise.all([
      diagnose({ AGENSIGHT_TOKEN: token }),
      diagnose({ AGENSIGHT_TOKEN: token, ...reading() }),
    ]);
    for (const [run, text] of [
      [alone, detail],
      [withTables, known],
    ] as const) {
      expect(run.of('token')).toMatchObject({
        status: 'failed',
        detail: expect.stringContaining(text),
        hint: expect.stringContaining('create_token'),
      });
      expect(run.of('canary').status).toBe('not checked');
      expect(run.stdout).not.toContain(token);
    }
  });

  it('fails when it is missing', async () => {
    const run = await runCli(['doctor'], { env: { AGENSIGHT_ENDPOINT: stack.endpoint } });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/failed +token +no token is set: AGENSIGHT_TOKEN/);
  });
});

describe('the tables', () => {
  it.each<[string, () => Promise<Record<string, string>>, string, string]>([
    [
      'the server refuses connections',
      async () => ({ SUPABASE_URL: await nowhere() }),
      'nothing listens',
      'Start',
    ],
    [
      'the URL is of another server',
      async () => ({ SUPABASE_URL: await serve((_, response) => response.end('<html>')) }),
      'refused the request',
      'not the URL of a Supabase project',
    ],
    [
      'the answer has another form',
      async () => ({
        SUPABASE_URL: await serve((_, response) => {
          response.setHeader('content-type', 'application/json').end('[{"attributes":1}]');
        }),
      }),
      'answered in an unexpected form (0.attributes',
      'Check that SUPABASE_URL',
    ],
    [
      'the key is wrong',
      async () => ({ SUPABASE_SECRET_KEY: 'sb_secret_wrong' }),
      'refused the request',
      'Use the secret key',
    ],
    [
      'the URL is of another project',
      async () => ({
        SUPABASE_URL: await serve((_, response) => {
          response.setHeader('content-type', 'application/json').end('[]');
        }),
      }),
      'is not in the tables',
      'another Supabase project',
    ],
  ])('fail when %s', async (_, env, detail, hint) => {
    const run = await diagnose({ ...reading(), ...(await env()) });
    expect(run.of('tables')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining(detail),
      hint: expect.stringContaining(hint),
    });
  });
});
