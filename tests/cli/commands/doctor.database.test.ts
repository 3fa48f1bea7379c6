import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../../cli/doctor/checks.ts';
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
  for (const check of checks) if (check.status === 'failed') expect(check.cure).not.toBe('');
  return { ...run, of: (name) => checks.find((check) => check.name === name) as Check };
}

async function mintToken(change: string): Promise<string> {
  const [made] = await stack.stack.surface.query<{ id: string; token: string }>(
    "select id, token from agensight.create_token($1::uuid, 'for the doctor')",
    [stack.stack.projectId],
  );
  await stack.stack.surface.query(`update agensight_private.tokens set ${change} where id = $1`, [
    made?.id,
  ]);
  return made?.token ?? '';
}

describe('all is well', () => {
  it('with a token alone, but for what needs the right to read', async () => {
    const run = await diagnose({});
    expect(run.code).toBe(0);
    for (const name of ['runtime', 'endpoint', 'schema', 'clock', 'token', 'canary'] as const) {
      expect(run.of(name).status).toBe('ok');
    }
    expect(run.of('tables')).toMatchObject({
      status: 'not checked',
      cure: expect.stringContaining('SUPABASE_SECRET_KEY'),
    });
  });

  it('and the canary is in the tables', async () => {
    const run = await diagnose(reading());
    expect(run.of('tables')).toMatchObject({ status: 'ok' });
    const [, trace = ''] = /trace ([0-9a-f]{32})/.exec(run.of('tables').detail) ?? [];
    expect(await stack.rows('traces', { id: trace })).toMatchObject([
      { name: 'agensight doctor', mode: 'dev', span_count: 1, status: 'ok' },
    ]);
  });

  it('also when the batch waits in the overflow queue', async () => {
    const url = await serve(proxyOf(stack.endpoint, { postStatus: 202 }));
    const run = await diagnose({ ...reading(), AGENSIGHT_ENDPOINT: url });
    expect(run.of('canary')).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('202'),
    });
    expect(run.of('tables').status).toBe('ok');
  });

  it('in words, without a whole token', async () => {
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
    ['nothing listens', nowhere, 'nothing listens at', 'Start the server'],
    [
      'a web page answers',
      () => serve((_, response) => response.setHeader('content-type', 'text/html').end('<html>')),
      'answers 200 with text/html',
      'Set AGENSIGHT_ENDPOINT',
    ],
    [
      'the URL has the path of a route',
      async () => `${stack.endpoint}/v1/batch`,
      'answers 404',
      'Leave the path away',
    ],
    [
      'it is the URL of Supabase',
      async () => reading().SUPABASE_URL,
      'not as the ingest',
      'Set AGENSIGHT_ENDPOINT',
    ],
    [
      'it sends elsewhere',
      () =>
        serve((_, response) => response.writeHead(301, { location: 'https://b.example/' }).end()),
      'sends to https://b.example/',
      'Use the address',
    ],
    [
      'the function URL is not public',
      () => serve((_, response) => response.writeHead(403).end('{"Message":"Forbidden"}')),
      'answers 403',
      'auth type NONE',
    ],
    [
      'it is down',
      () => serve((_, response) => response.writeHead(503).end('Service Unavailable')),
      'answers 503',
      "look at the function's logs",
    ],
    [
      'it hangs up',
      () => serve((request) => request.socket.destroy()),
      'closed the connection',
      'https://',
    ],
    [
      'its certificate is its own',
      () => serve((_, response) => response.end(), true),
      'signed by nobody known',
      'NODE_EXTRA_CA_CERTS',
    ],
    [
      'it speaks no TLS',
      async () => (await serve(() => {})).replace('http:', 'https:'),
      'does not speak TLS',
      'Use http://',
    ],
    ['there is no such host', async () => 'http://nowhere.invalid', 'there is no host', 'DNS'],
    [
      'its database is away',
      async () => serve(handlerOn(await nowhere(), 'key')),
      'cannot reach its database (503)',
      'paused',
    ],
  ])('%s', async (_, url, detail, cure) => {
    const run = await diagnose({ AGENSIGHT_ENDPOINT: await url() });
    expect(run.code).toBe(1);
    expect(run.of('endpoint')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining(detail),
      cure: expect.stringContaining(cure),
    });
    for (const name of ['schema', 'token', 'canary'] as const) {
      expect(run.of(name).status).toBe('not checked');
    }
  });

  it('has a database with an old schema', async () => {
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
        detail: expect.stringContaining('has schema 0'),
        cure: expect.stringContaining('supabase db push'),
      });
      expect(run.of('canary').status).toBe('ok');
    } finally {
      await define(now?.version ?? 1);
    }
  });

  it.each([
    ['ahead of', -3_600_000],
    ['behind', 90_000],
  ])('has a clock that ours is %s', async (direction, offMillis) => {
    const date = new Date(Date.now() + offMillis).toUTCString();
    const run = await diagnose({
      AGENSIGHT_ENDPOINT: await serve(proxyOf(stack.endpoint, { headers: { date } })),
    });
    expect(run.of('clock')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining(`s ${direction} the endpoint's`),
      cure: expect.stringContaining('NTP'),
    });
  });
});

describe('the token', () => {
  const unknown = `agn_${'0'.repeat(64)}`;

  it.each<[string, () => Promise<string>, string, string]>([
    ['is cut', async () => stack.token.slice(0, 20), 'has not the form', 'has not the form'],
    ['is unknown', async () => unknown, 'refused (401', 'is not among the tokens'],
    ['is revoked', () => mintToken('revoked_at = now()'), 'refused (401', 'was revoked at'],
    ['is expired', () => mintToken('expires_at = now()'), 'refused (401', 'expired at'],
    ['may only read', () => mintToken("scopes = '{read}'"), 'refused (403', 'may only read'],
  ])('%s', async (_, mint, detail, known) => {
    const token = await mint();
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
        cure: expect.stringContaining('create_token'),
      });
      expect(run.of('canary').status).toBe('not checked');
      expect(run.stdout).not.toContain(token);
    }
  });

  it('is missing', async () => {
    const run = await runCli(['doctor'], { env: { AGENSIGHT_ENDPOINT: stack.endpoint } });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/failed +token +there is none: AGENSIGHT_TOKEN/);
  });
});

describe('the tables', () => {
  it.each<[string, () => Promise<Record<string, string>>, string, string]>([
    [
      'nobody is there',
      async () => ({ SUPABASE_URL: await nowhere() }),
      'nothing listens',
      'Start',
    ],
    [
      'it is another server',
      async () => ({ SUPABASE_URL: await serve((_, response) => response.end('<html>')) }),
      'does not give the rows',
      'not the URL of Supabase',
    ],
    [
      'the key is wrong',
      async () => ({ SUPABASE_SECRET_KEY: 'sb_secret_wrong' }),
      'does not give the rows',
      'Use the secret key',
    ],
    [
      'the project is another',
      async () => ({
        SUPABASE_URL: await serve((_, response) => {
          response.setHeader('content-type', 'application/json').end('[]');
        }),
      }),
      'is not in the tables',
      'another Supabase project',
    ],
  ])('%s', async (_, env, detail, cure) => {
    const run = await diagnose({ ...reading(), ...(await env()) });
    expect(run.of('tables')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining(detail),
      cure: expect.stringContaining(cure),
    });
  });
});
