import { createHash, randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { describe, expect, it } from 'vitest';
import { DATABASE_SCHEMA, PATHS } from '../../wire/protocol.ts';
import { onEachStack, type TestStack } from '../support/stack.ts';
import {
  mintIds,
  nativeRun,
  type PythonRequest,
  pythonRun,
  type RunIds,
} from './python-sdk-run.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

async function send(stack: TestStack, request: PythonRequest, stage = '/prod'): Promise<number> {
  const path = `${stage}/api/v1/logs/create/${request.route}`;
  return (await stack.post(path, JSON.stringify({ data: request.data }))).status;
}

async function sendInOrder(stack: TestStack, requests: readonly PythonRequest[]): Promise<void> {
  for (const request of requests) expect(await send(stack, request)).toBe(200);
}

/** The rows of a run, with names for its ids, in an order that no id decides. */
async function rowsOf(stack: TestStack, ids: RunIds): Promise<unknown> {
  const tables = {
    sessions: await stack.rows('sessions', { id: ids.session }),
    traces: await stack.rows('traces', { id: ids.trace }),
    spans: await stack.rows('spans', { trace_id: ids.trace }),
    prompts: await stack.rows('prompts', { trace_id: ids.trace }),
    completions: await stack.rows('completions', { trace_id: ids.trace }),
    // The two name their calls differently, but must have as many.
    tools: (await stack.rows('tools', { trace_id: ids.trace })).map(({ id: _, ...row }) => row),
  };
  let text = JSON.stringify(tables);
  for (const [name, id] of Object.entries(ids)) text = text.replaceAll(id, name);
  const named: Record<string, Record<string, unknown>[]> = JSON.parse(text);
  return Object.fromEntries(
    Object.entries(named).map(([table, rows]) => [
      table,
      rows
        // When a row came, and how old each field is, differ where the run came in pieces.
        .map(({ merge_state: _, received_at: __, ...row }) => row)
        .sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b))),
    ]),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same order at each run for one seed. */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const keyed = items.map((item, index) => ({
    item,
    key: createHash('sha256').update(`${seed} ${index}`).digest('hex'),
  }));
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ item }) => item);
}

const isSpan = ({ route }: PythonRequest) => route === 'span';

/** Ways in which the requests of a run may arrive. */
const ORDERS: Record<string, (run: PythonRequest[]) => PythonRequest[]> = {
  'as it is sent': (run) => run,
  'each twice': (run) => run.flatMap((request) => [request, request]),
  'twice as a whole': (run) => [...run, ...run],
  'backwards, each twice': (run) => run.toReversed().flatMap((request) => [request, request]),
  'spans last': (run) => [...run.filter((r) => !isSpan(r)), ...run.filter(isSpan)],
  'shuffled, each twice': (run) => shuffled([...run, ...run], 1),
  'shuffled otherwise': (run) => shuffled([...run, ...run], 2),
};

onEachStack('the original Python SDK', (stack) => {
  const native = async (): Promise<unknown> => {
    const ids = mintIds();
    const reply = await stack().post('/v1/batch', JSON.stringify(nativeRun(ids)));
    expect(reply).toMatchObject({ status: 200, body: { rejected: [] } });
    return rowsOf(stack(), ids);
  };
  const noneWaits = async () => {
    for (const table of ['traces', 'prompts', 'completions', 'tools'] as const) {
      const rows = await stack().rows<{ id: string; trace_id?: string }>(table);
      expect(rows.filter(({ id, trace_id = id }) => trace_id.startsWith('span:'))).toEqual([]);
    }
  };

  it.each(Object.entries(ORDERS))('leaves the rows of our own batch, %s', async (_, order) => {
    const ids = mintIds();
    await sendInOrder(stack(), order(pythonRun(ids)));
    expect(await rowsOf(stack(), ids)).toEqual(await native());
    await noneWaits();
  });

  it('leaves the same rows when all comes at once', async () => {
    const expected = await native();
    for (let round = 0; round < 3; round++) {
      const ids = mintIds();
      const requests = shuffled([...pythonRun(ids), ...pythonRun(ids)], round);
      const statuses = await Promise.all(requests.map((request) => send(stack(), request)));
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(await rowsOf(stack(), ids)).toEqual(expected);
    }
    await noneWaits();
  });

  it.each(['', '/prod', '/dev'])('finds its routes under "%s"', async (stage) => {
    const ids = mintIds();
    for (const request of pythonRun(ids)) expect(await send(stack(), request, stage)).toBe(200);
    expect(await rowsOf(stack(), ids)).toEqual(await native());
  });

  it('shows what waits for a span that never comes', async () => {
    const { call } = mintIds();
    const completion = { span_id: call, role: 'assistant', content: 'Hi.', total_tokens: 3 };
    expect(await send(stack(), { route: 'completion', data: completion })).toBe(200);
    expect(await stack().rows('traces', { id: `span:${call}` })).toMatchObject([
      { total_tokens: 3, span_count: 0 },
    ]);
    const span = { id: call, trace_id: randomUUID(), name: 'late' };
    expect(await send(stack(), { route: 'span', data: span })).toBe(200);
    expect(await stack().rows('traces', { id: `span:${call}` })).toEqual([]);
    expect(await stack().rows('traces', { id: span.trace_id })).toMatchObject([
      { total_tokens: 3, span_count: 1 },
    ]);
  });

  describe('signs in', () => {
    const validate = (token: unknown, stage = '/prod') =>
      fetch(`${stack().endpoint}${stage}/api/v1/auth/validate`, {
        method: 'POST',
        headers: JSON_TYPE,
        body: JSON.stringify({ token }),
      });

    it.each(['', '/prod', '/dev'])(
      'under "%s", and gets a bearer that may write',
      async (stage) => {
        const reply = await validate(stack().token, stage);
        expect(reply.status).toBe(200);
        const { project_id } = (await reply.json()) as { project_id: string };
        expect(project_id).not.toContain(stack().token.slice(4));
        const bearer = { authorization: `Bearer ${project_id}` };
        const body = JSON.stringify({ data: { id: randomUUID(), session_name: 'signed in' } });
        const write = await stack().post('/prod/api/v1/logs/create/session', body, bearer);
        expect(write.status).toBe(200);
        for (const path of Object.values(PATHS).filter((path) => path !== PATHS.health)) {
          expect((await stack().post(path, '{}', bearer)).status).toBe(401);
        }
      },
    );

    it.each([
      ['an unknown token', `agn_${'0'.repeat(64)}`, 401],
      ['no token of ours', 'abc', 401],
      ['nothing', undefined, 400],
      ['a number', 7, 400],
    ])('in vain with %s', async (_, token, status) => {
      expect((await validate(token)).status).toBe(status);
    });

    it('in vain with the id of a project, which is no secret', async () => {
      const { projectId } = stack().stack;
      expect((await validate(projectId)).status).toBe(401);
      const bearer = { authorization: `Bearer ${projectId}` };
      const body = JSON.stringify({ data: { id: randomUUID() } });
      expect((await stack().post('/prod/api/v1/logs/create/session', body, bearer)).status).toBe(
        401,
      );
    });
  });

  it('cannot reach a span of another project', async () => {
    const { stack: local } = stack();
    const client = createClient(local.env.SUPABASE_URL, local.env.SUPABASE_SECRET_KEY, {
      db: { schema: DATABASE_SCHEMA },
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const { data: other } = await client.rpc('create_project', { project_name: 'other' });
    const { data: tokens } = await client.rpc('create_token', { project_id: other.id });
    const ids = mintIds();
    await sendInOrder(stack(), pythonRun(ids));
    const before = await rowsOf(stack(), ids);
    const data = { span_id: ids.call, role: 'assistant', content: 'zzz', total_tokens: 1_000 };
    const reply = await stack().post('/api/v1/logs/create/completion', JSON.stringify({ data }), {
      authorization: `Bearer ${tokens[0].token}`,
    });
    expect(reply.status).toBe(200);
    expect(await rowsOf(stack(), ids)).toEqual(before);
  });
});
