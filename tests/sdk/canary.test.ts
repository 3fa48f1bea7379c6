/** Secrets are planted in every place that a program can fill, by every way in; none may come out. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  currentSpan,
  currentTrace,
  flush,
  type InitOptions,
  init,
  shutdown,
  span,
  startSpan,
  status,
  trace,
  tracer,
  withSession,
} from '../../sdk/index.ts';
import { isCard } from '../../sdk/secrets.ts';
import { recorded } from './edge.ts';
import { SECRETS } from './planted-secrets.ts';

/** What must not be found: of a secret that spans lines, or is written in parts, its core. */
function traces(secret: string): string[] {
  const bare = secret.replace(/^(Bearer|Basic) /, '');
  if (secret.includes('PRIVATE KEY')) return ['MIIEvQIBADANBgkq'];
  return [/:\/\/\w+:([^@]+)@/.exec(secret)?.[1] ?? bare];
}

/** Fills every place of every kind of record. */
async function plant(secret: string): Promise<void> {
  const says = (where: string): string => `${where}: ${secret} (end)`;
  class Thrown extends Error {
    override name = says('name');
    detail = secret;
  }
  const fail = (): never => {
    throw new Thrown(says('message'), {
      cause: new AggregateError([new Error(says('inner'))], says('cause')),
    });
  };
  const argument = { text: says('text'), list: [secret], [secret]: 1, map: new Map([['k', secret]]) };
  const quiet = (fn: () => unknown): unknown => {
    try {
      return fn();
    } catch {
      return undefined;
    }
  };

  await trace(
    {
      name: says('trace'),
      session: { id: secret.slice(0, 120).replaceAll('\n', ' '), name: says('s'), userId: secret },
      userId: says('user'),
      tags: [secret],
      metadata: { [secret]: secret, deep: { er: [secret] } },
      release: says('release'),
      environment: secret,
      attributes: { [secret]: secret },
    },
    async (_given: unknown) => {
      currentTrace()?.setUser(secret).addTags(says('tag')).setMetadata({ more: secret });
      currentTrace()?.setInput(secret).setOutput({ out: secret });
      currentSpan()
        ?.setAttribute(secret, secret)
        .addEvent(secret, { [secret]: secret })
        .addLink({
          context: { traceId: secret, spanId: secret, traceFlags: 1 },
          attributes: { a: secret },
        })
        .setStatus({ code: 2, message: secret })
        .recordError(new Thrown(secret))
        .recordError(new Thrown(secret))
        .updateName(secret);
      span(says('sync'), (value: unknown) => value)(argument);
      quiet(span('fails', fail));
      await span('rejects', async () => fail())().catch(() => undefined);
      for (const _ of span('generator', function* () {
        yield secret;
        yield { chunk: secret };
        return says('returned');
      })());
      for await (const _ of span('tokens', async function* () {
        for (let at = 0; at < secret.length; at += 5) yield secret.slice(at, at + 5);
      })());
      const stream = span('bytes', () => new Blob(['blob: ', secret]).stream())();
      await new Response(stream).text();
      await span({ name: 'tool', kind: 'tool' }, async (given: unknown) => given)(argument);
      await llm(secret, says);
      using step = startSpan({ name: secret, input: secret, attributes: { a: secret } });
      step.setOutput(secret);
      tracer.startActiveSpan(secret, { attributes: { [secret]: secret } }, (open) => {
        open.setAttribute('gen_ai.operation.name', 'chat');
        open.setAttribute('gen_ai.request.model', secret);
        open.setAttribute(
          'gen_ai.input.messages',
          JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: secret }] }]),
        );
        open.addEvent(secret, { text: secret });
        open.recordException(new Thrown(secret));
        open.end();
      });
      return argument;
    },
  )(argument);
  withSession({ id: 's', name: secret, metadata: { secret } }, () => span('own', () => secret)());
}

async function llm(secret: string, says: (where: string) => string): Promise<void> {
  const call = { id: secret, type: 'function', function: { name: secret, arguments: `{"a":"${secret.replaceAll('\n', '\\n')}"}` } };
  await span({ name: 'llm', kind: 'llm' }, async (_request: unknown) => ({
    id: secret,
    object: 'chat.completion',
    model: secret,
    choices: [
      { index: 0, finish_reason: secret, message: { role: 'assistant', content: says('answer'), tool_calls: [call] } },
    ],
    usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
  }))({
    model: secret,
    tools: [{ description: secret }],
    messages: [
      { role: 'system', content: says('system') },
      { role: 'user', content: [{ type: 'text', text: secret }, { type: 'image_url', image_url: { url: secret } }] },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: secret, name: secret, content: says('result') },
    ],
  });
}

/** All bytes that arrive at a server of our own. */
async function sent(work: () => Promise<void>, options: InitOptions = {}): Promise<string> {
  let bytes = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      bytes += request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    init({ name: 'canary', mode: 'prod', token: 't', endpoint, ...options });
    await work();
    expect((await flush()).pending).toBe(0);
  } finally {
    await shutdown({ timeoutMillis: 0 });
    server.closeAllConnections();
    server.close();
  }
  return bytes;
}

/** All bytes of the files in a folder. */
function stored(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
    .join('\n');
}

const withoutIds = (json: string): string =>
  JSON.stringify(
    JSON.parse(json, (key, value) =>
      /(^|_)id$/.test(key) && isCard(String(value).replace(/\D/g, '')) ? undefined : value,
    ),
  );

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'agensight-canary-'));

describe.each(Object.entries(SECRETS))('%s, planted everywhere', (_, secret) => {
  it('is in nothing that leaves, which is whole otherwise', async () => {
    const bytes = await sent(() => plant(secret));
    // Digits that stand as an id are an id, also when they could be a card's.
    const text = isCard(secret.replace(/\D/g, '')) ? withoutIds(bytes) : bytes;
    for (const found of traces(secret)) expect(text.includes(found)).toBe(false);
    const { traces: roots, spans, prompts, completions, tools, sessions } = JSON.parse(bytes);
    expect([roots.length, sessions.length, prompts.length, completions.length]).toEqual([2, 2, 5, 1]);
    expect(spans.length).toBeGreaterThanOrEqual(12);
    expect(tools.length).toBeGreaterThanOrEqual(2);
    expect(completions[0]).toMatchObject({ prompt_tokens: 7, total_tokens: 12 });
    // What was joined by an id is joined still, and ids of ours are as they were minted.
    expect(sessions.map(({ id }: { id: string }) => id)).toContain(roots[0].session_id);
    const ids = new Set(spans.map(({ id }: { id: string }) => id));
    for (const one of spans) expect(one.parent_id === undefined || ids.has(one.parent_id)).toBe(true);
    for (const one of spans) expect(`${one.trace_id}${one.id}`).toMatch(/^[0-9a-f]{48}$/);
  });
});

describe('a secret', () => {
  const all = async (): Promise<void> => {
    for (const secret of Object.values(SECRETS)) await plant(secret);
  };

  it('is in no file of local mode', async () => {
    const folder = newFolder();
    init({ mode: 'local', localFile: join(folder, 'a.db') });
    await all();
    await flush();
    const bytes = stored(folder);
    await shutdown();
    expect(bytes).toContain('[redacted: api key]');
    for (const secret of Object.values(SECRETS).filter((one) => !isCard(one.replace(/\D/g, '')))) {
      for (const found of traces(secret)) expect(bytes.includes(found)).toBe(false);
    }
  });

  it('leaves where that is asked for', async () => {
    const secret = SECRETS['OpenAI key'] as string;
    expect(await sent(() => plant(secret), { maskSecrets: false })).toContain(secret);
    expect(await sent(() => plant(secret))).not.toContain(secret);
  });

  it('is known by the name that it stands under, whatever it is', async () => {
    const given = {
      password: 'hunter2',
      user: { apiKey: 12345, name: 'kim' },
      headers: { Authorization: ['abc'], 'x-api-key': 'def' },
      tool: { parameters: { password: { type: 'string' } } },
      text: '{"client_secret": "ghi", "page": 1}',
      query: 'https://example.com/?api_key=jkl12345&page=2',
      max_tokens: 100,
      hasPassword: true,
      card_id: '4111111111111111',
    };
    const { spans } = await recorded(() => span('login', (value: unknown) => void value)(given));
    const secret = '[redacted: secret]';
    expect(spans[0]?.input).toEqual({
      password: secret,
      user: { apiKey: secret, name: 'kim' },
      headers: { Authorization: secret, 'x-api-key': secret },
      tool: { parameters: { password: { type: 'string' } } },
      text: `{"client_secret": "${secret}", "page": 1}`,
      query: `https://example.com/?api_key=${secret}&page=2`,
      max_tokens: 100,
      hasPassword: true,
      card_id: '4111111111111111',
    });
  });
});

describe('mask', () => {
  const CANARY = 'canary-8f3a';

  it('sees every value, of every record and of no id of ours', async () => {
    const seen = new Set<string>();
    const bytes = await sent(() => plant(CANARY), {
      mask: (value, { kind, field }) => {
        seen.add(`${kind}.${field}`);
        return JSON.parse(JSON.stringify(value).replaceAll(CANARY, 'bird'));
      },
    });
    // Ids of providers join rows, so they stay; those of sessions may change.
    const rest = JSON.stringify(JSON.parse(bytes), (key, value) =>
      /^(id|tool_call_id|response_id)$/.test(key) && value === CANARY ? undefined : value,
    );
    expect(rest).not.toContain(CANARY);
    expect(rest).toContain('bird');
    const expected =
      'session.id session.name session.user_id session.metadata trace.name trace.user_id trace.input ' +
      'trace.output trace.error trace.tags trace.metadata trace.release trace.service_name span.name ' +
      'span.input span.output span.error span.attributes span.events prompt.role prompt.content ' +
      'prompt.parts completion.content completion.parts completion.model tool.name tool.arguments ' +
      'tool.output';
    expect([...seen]).toEqual(expect.arrayContaining(expected.split(' ')));
    expect([...seen].join(' ')).not.toMatch(/trace_id|span_id|parent_id|_at|tokens|status/);
  });

  it('may return anything, or nothing', async () => {
    const work = span('work', (value: unknown) => value);
    const answers = new Map<unknown, unknown>([
      [1, null],
      [2, undefined],
      [3, new Map([['a', 1n]])],
      [4, Promise.resolve('late')],
      ['work', 7],
    ]);
    const mask = (value: unknown): unknown => (answers.has(value) ? answers.get(value) : value);
    const { spans } = await recorded(() => [1, 2, 3, 4].map((value) => work(value)), {
      mask,
    });
    expect(spans.map(({ input }) => input)).toEqual([undefined, undefined, { a: '1' }, '[Promise]']);
    expect(spans.map(({ name }) => name)).toEqual(['7', '7', '7', '7']);
  });

  it('hides what it throws at, says so, and counts it', async () => {
    const before = status().maskFailed;
    const warnings: string[] = [];
    const { spans, traces: roots } = await recorded(
      () => trace({ name: 'work', tags: ['a'], session: CANARY }, () => CANARY)(),
      {
        mask: () => {
          throw new Error('bug');
        },
        onWarning: ({ code }) => warnings.push(code),
      },
    );
    expect(JSON.stringify([spans, roots])).not.toContain(CANARY);
    expect(spans[0]).toMatchObject({ name: '[masked: mask failed]', output: '[masked: mask failed]' });
    expect(roots[0]?.tags).toEqual(['[masked: mask failed]']);
    expect(status().maskFailed - before).toBeGreaterThanOrEqual(6);
    expect(warnings).toContain('mask');
  });

  it('leaves numbers as they were where it changes nothing', async () => {
    const work = span({ name: 'llm', kind: 'llm' }, (_: unknown) => ({
      choices: [
        { message: { tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{"id":12345678901234567890}' } }] } },
      ],
    }));
    const bytes = await sent(async () => void work([{ role: 'user', content: 'x' }]), {
      mask: (value) => value,
    });
    expect(bytes).toContain('12345678901234567890');
  });
});

describe('captureContent: false', () => {
  it('lets nothing out that was said, and keeps structure, tokens and types of errors', async () => {
    const content = 'canary-8f3a';
    const bytes = await sent(
      async () => {
        await llm(content, () => content);
        try {
          span('fails', (value: unknown) => {
            throw new TypeError(`cannot read ${value}`, { cause: new Error(content) });
          })(content);
        } catch {
          // It is what we wanted.
        }
        for (const _ of span('generator', function* () {
          yield content;
        })());
        trace('t', () => currentTrace()?.setInput(content).setOutput(content))();
      },
      { captureContent: false },
    );
    const { spans, completions, traces: roots } = JSON.parse(bytes);
    for (const one of [...spans, ...roots]) {
      expect(one).not.toHaveProperty('input');
      expect(one).not.toHaveProperty('output');
    }
    // Names of models and tools, ids and roles are structure.
    const left = JSON.stringify(JSON.parse(bytes), (key, value) =>
      /^(name|model|id|finish_reason|response_id|tool_call_id)$/.test(key) ? undefined : value,
    );
    expect(left).not.toContain(content);
    expect(completions[0]).toMatchObject({ total_tokens: 12 });
    const { error } = spans.find(({ name }: { name: string }) => name === 'fails');
    expect(error).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('at ') });
    expect(error).not.toHaveProperty('message');
  });
});

// It leaves files for a next start that never comes, which count as pending: so it comes last.
describe('the spool', () => {
  it('holds no secret', async () => {
    const folder = newFolder();
    init({ mode: 'prod', token: 't', endpoint: 'http://127.0.0.1:9', spool: folder });
    for (const secret of Object.values(SECRETS)) await plant(secret);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const bytes = stored(folder);
    await shutdown({ timeoutMillis: 0 });
    expect(bytes).toContain('[redacted: api key]');
    for (const secret of Object.values(SECRETS).filter((one) => !isCard(one.replace(/\D/g, '')))) {
      for (const found of traces(secret)) expect(bytes.includes(found)).toBe(false);
    }
  });
});
