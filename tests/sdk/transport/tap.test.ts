/** Calls of clients that nobody wraps, recorded from the transport. */
import { describe, expect, it } from 'vitest';
import { type InitOptions, init, instrument, shutdown, span, trace } from '../../../sdk/index.ts';
import { active } from '../../../sdk/runtime/runtime.ts';
import type { RecordLists } from '../../../wire/records.ts';
import { Edge, recorded } from '../support/edge.ts';
import { chat, chunks, events, json, Loopback, PATH, request, streamed } from './loopback.ts';

const provider = Loopback.forTests();
const ask = async (body: object = request): Promise<unknown> =>
  (await provider.post(PATH, body)).text();
const tokens = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

describe('a call by fetch', () => {
  it('is a span with prompts, completion and tokens', async () => {
    provider.answers = [json(chat('It is warm.'), 200, { 'x-request-id': 'req_1' })];
    const rows = await recorded(() => ask());
    expect(rows.spans).toMatchObject([{ name: 'chat gpt-asked', kind: 'llm', status: 'ok' }]);
    expect(rows.prompts).toMatchObject([{ role: 'user', content: 'How warm is it?' }]);
    expect(rows.completions).toMatchObject([
      { content: 'It is warm.', model: 'gpt-served', response_id: 'chatcmpl_1', ...tokens },
    ]);
    expect(rows.spans[0]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'http.response.status_code': 200,
      'agensight.request_id': 'req_1',
      'server.address': '127.0.0.1',
    });
    expect(JSON.stringify(rows)).not.toContain('sk-secret-key');
  });

  it('is followed to the end of its stream', async () => {
    provider.answers = [events(chunks(['It is ', 'warm.']))];
    const rows = await recorded(() => ask(streamed));
    expect(rows.completions).toMatchObject([{ content: 'It is warm.', ...tokens }]);
    expect(rows.completions[0]?.time_to_first_token_ms).toBeGreaterThanOrEqual(0);
  });

  it('is below the span that makes it, also among many at once', async () => {
    provider.answers = [
      (response, _, body) => json(chat(JSON.parse(body).messages[0].content))(response, _, body),
    ];
    const names = Array.from({ length: 20 }, (_, index) => `agent ${index}`);
    const rows = await recorded(() =>
      Promise.all(
        names.map((name) =>
          trace({ name }, () => ask({ ...request, messages: [{ role: 'user', content: name }] }))(),
        ),
      ),
    );
    const nameOf = new Map(rows.spans.map(({ id, name }) => [id, name]));
    const parents = rows.completions.map(({ span_id, content }) => {
      const parent = rows.spans.find(({ id }) => id === span_id)?.parent_id ?? '';
      return nameOf.get(parent) === content;
    });
    expect(parents).toEqual(names.map(() => true));
  });

  it('is recorded once when a wrapped function returns its reply', async () => {
    provider.answers = [json(chat('It is warm.'))];
    const wrapped = span({ name: 'llm', kind: 'llm' }, async (body: object) =>
      (await provider.post(PATH, body)).json(),
    );
    const rows = await recorded(() => wrapped(request));
    expect(rows.completions).toHaveLength(1);
    expect(rows.spans.map(({ name, kind }) => [name, kind]).sort()).toEqual([
      ['chat gpt-asked', 'llm'],
      ['llm', 'span'],
    ]);
  });

  it('leaves the reply to the wrapper when it failed', async () => {
    provider.answers = [json({ error: { message: 'down', code: 'down' } }, 400)];
    const wrapped = span({ name: 'llm', kind: 'llm' }, async (body: object) => {
      await ask(body);
      return { content: 'from a cache' };
    });
    const rows = await recorded(() => wrapped(request));
    expect(rows.completions).toMatchObject([{ content: 'from a cache' }]);
  });

  it('has no content when content is not captured', async () => {
    provider.answers = [json(chat('It is warm.'))];
    const rows = await recorded(() => ask(), { captureContent: false });
    expect(JSON.stringify(rows)).not.toContain('warm');
    expect(rows.completions).toMatchObject([tokens]);
  });

  it('is not recorded in a trace that is not sampled', async () => {
    provider.answers = [json(chat('It is warm.'))];
    const rows = await recorded(() => trace({ name: 'agent' }, () => ask())(), { sampleRate: 0 });
    expect(rows.spans).toHaveLength(0);
  });

  it('is not recorded when it asks no model', async () => {
    provider.answers = [json({ object: 'thread.message' })];
    const rows = await recorded(async () => {
      await (await provider.post('/v1/threads/t/messages', { role: 'user', content: 'a' })).text();
      await (await provider.post('/v1/messages', 'no object')).text();
      await (await fetch(`${provider.url}/v1/messages`)).text();
    });
    expect(rows.spans).toHaveLength(0);
  });
});

describe('what is recorded', () => {
  const calls = async (): Promise<void> => {
    provider.answers = [json(chat('a'))];
    await ask();
    await (await provider.post('/v1/messages', request)).text();
    await (
      await provider.post('/v1beta/models/gemini-x:generateContent', { contents: 'a' })
    ).text();
  };
  const namesWith = async (options: InitOptions, work: () => unknown = calls): Promise<unknown> =>
    (await recorded(work, options)).spans.map(({ name }) => name).sort();

  it.each([
    ['openai', ['chat gpt-asked']],
    ['@anthropic-ai/sdk', ['chat gpt-asked']],
    ['@google/genai', ['generate_content gemini-x']],
  ] as const)('is chosen by the name of a package: %s', async (name, expected) => {
    expect(await namesWith({ autoInstrument: [name] })).toEqual(expected);
  });

  it('is nothing with autoInstrument: false', async () => {
    expect(await namesWith({ autoInstrument: false })).toEqual([]);
  });

  it('is the origin of an instrumented client with autoInstrument: false', async () => {
    provider.answers = [json(chat('a'))];
    const client = { baseURL: `${provider.url}/v1` };
    const other = { baseURL: 'http://127.0.0.1:9/v1' };
    const options = { autoInstrument: false } as const;
    expect(
      await namesWith(options, async () => {
        instrument(other);
        await ask();
        expect(instrument(client)).toBe(client);
        await ask();
      }),
    ).toEqual(['chat gpt-asked']);
    // It stays instrumented when init() is called again.
    expect(await namesWith(options, () => ask())).toEqual(['chat gpt-asked']);
  });
});

describe('a call whose response is not complete', () => {
  const hanging = async (work: (edge: Edge) => Promise<void>): Promise<[RecordLists, string[]]> => {
    active.warned.delete('no-response');
    provider.answers = [events(chunks(['It is ']).slice(0, 1), { end: false })];
    const edge = await new Edge().open();
    const warnings: string[] = [];
    const onWarning = ({ code }: { code: string }): number => warnings.push(code);
    init({ name: 'test', mode: 'dev', token: 't', endpoint: edge.url, onWarning });
    try {
      const response = await provider.post(PATH, streamed);
      await response.body?.getReader().read();
      await work(edge);
      await shutdown();
      return [edge.records(), warnings];
    } finally {
      await edge.close();
    }
  };

  it.each([
    ['shutdown()', async () => undefined],
    [
      'init()',
      async ({ url }: Edge) => init({ name: 'b', mode: 'dev', token: 't', endpoint: url }),
    ],
  ])('is ended by %s, with one warning', async (_, work) => {
    const [{ spans, completions }, warnings] = await hanging(
      async (edge) => void (await work(edge)),
    );
    expect(spans).toMatchObject([{ attributes: { 'agensight.unfinished': true } }]);
    expect(spans[0]?.ended_at).toBeTruthy();
    expect(completions).toMatchObject([{ content: 'It is ' }]);
    expect(warnings).toEqual(['no-response']);
  });
});

describe('a warning', () => {
  const warningsOf = async (work: () => unknown): Promise<string[]> => {
    for (const code of ['stream-usage', 'transport']) active.warned.delete(code);
    const warnings: string[] = [];
    await recorded(work, { onWarning: ({ code, message }) => warnings.push(`${code} ${message}`) });
    return warnings;
  };

  it('names the cure for streams without usage, once', async () => {
    provider.answers = [events(chunks(['a'], null))];
    const plain = { ...request, stream: true };
    const warnings = await warningsOf(async () => {
      await ask(plain);
      await ask(plain);
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('stream_options: { include_usage: true }');
  });

  it('is not given to a request that declined usage', async () => {
    provider.answers = [events(chunks(['a'], null))];
    const declined = { ...request, stream: true, stream_options: { include_usage: false } };
    expect(await warningsOf(() => ask(declined))).toEqual([]);
  });

  it('says that requests are announced in an unknown form, and nothing else happens', async () => {
    const { channel } = await import('node:diagnostics_channel');
    const warnings = await warningsOf(() => {
      channel('undici:request:create').publish({ request: { verb: 'POST' } });
      channel('undici:request:create').publish({});
      channel('undici:request:trailers').publish(null);
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('transport this version of undici');
  });
});
