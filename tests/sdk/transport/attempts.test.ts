/** Attempts, redirects, aborts, and connections that stay open or break: one call is one span. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { flush, trace, tracer } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import {
  type Answer,
  chat,
  chunks,
  events,
  eventsText,
  json,
  Loopback,
  PATH,
  request,
  streamed,
} from './loopback.ts';

const provider = Loopback.forTests();
const client = (options = {}): OpenAI =>
  new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 2, ...options });
const ask = (): Promise<unknown> => client().chat.completions.create(request as never);
const refuse = (status: number): Answer =>
  json({ error: { message: 'slow down', code: 'rate_limit', type: 'requests' } }, status, {
    'retry-after-ms': '1',
  });

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe('attempts of one call', () => {
  it('are one span with an event for each further one', async () => {
    provider.answers = [refuse(429), refuse(500), json(chat('It is warm.'))];
    const { spans, completions } = await recorded(ask);
    expect(spans).toMatchObject([{ status: 'ok' }]);
    expect(spans[0]?.error).toBeUndefined();
    expect(spans[0]?.attributes).toMatchObject({
      'http.request.resend_count': 2,
      'http.response.status_code': 200,
    });
    expect(spans[0]?.attributes).not.toHaveProperty('error.type');
    expect(spans[0]?.events).toMatchObject([
      { name: 'retry', attributes: { 'http.response.status_code': 429 } },
      { name: 'retry', attributes: { 'http.response.status_code': 500 } },
    ]);
    expect(completions).toHaveLength(1);
  });

  it('stay below the span that an instrumentation started for the call', async () => {
    provider.answers = [refuse(429), json(chat('It is warm.'))];
    const { spans, completions } = await recorded(
      trace({ name: 'agent' }, async () => {
        const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-asked' };
        const theirs = tracer.startSpan('theirs', { attributes });
        await ask();
        theirs.end();
      }),
    );
    const nameOf = (id: unknown): unknown => spans.find((one) => one.id === id)?.name;
    expect(spans.map(({ name, parent_id }) => [name, nameOf(parent_id)]).sort()).toEqual([
      ['agent', undefined],
      ['chat gpt-asked', 'theirs'],
      ['theirs', 'agent'],
    ]);
    expect(completions).toHaveLength(1);
  });

  it('that all fail are one failed span', async () => {
    provider.answers = [refuse(429)];
    const { spans } = await recorded(() => ask().catch(() => undefined));
    expect(spans).toMatchObject([
      {
        status: 'error',
        error: { type: 'RateLimitError', message: '429 slow down' },
        attributes: { 'error.type': 'rate_limit', 'http.request.resend_count': 2 },
      },
    ]);
  });

  it('of equal calls at once are not mixed up', async () => {
    provider.answers = [
      (...asked) => {
        const isFirst = asked[1].headers['x-stainless-retry-count'] === '0';
        (isFirst ? refuse(429) : json(chat('a')))(...asked);
      },
    ];
    const { spans } = await recorded(() => Promise.all(Array.from({ length: 5 }, ask)));
    expect(spans.map(({ status }) => status)).toEqual(Array(5).fill('ok'));
    expect(
      spans.map(({ attributes }) => (attributes as never)['http.request.resend_count']),
    ).toEqual(Array(5).fill(1));
  });

  it('end at once when the client does not repeat them', async () => {
    provider.answers = [refuse(400)];
    const { spans } = await recorded(() => ask().catch(() => undefined));
    expect(spans).toMatchObject([{ status: 'error', error: { type: 'BadRequestError' } }]);
  });

  it('go on when the connection of the first was refused', async () => {
    provider.answers = [json(chat('It is warm.'))];
    const gone = await closedPort();
    let attempts = 0;
    const move = (url: string): string => (++attempts > 1 ? url : url.replace(/:\d+/, `:${gone}`));
    const { spans, prompts } = await recorded(() =>
      client({
        fetch: (url: string, init: object) => fetch(move(url), init),
      }).chat.completions.create(request as never),
    );
    expect(spans).toMatchObject([
      { name: 'chat gpt-asked', status: 'ok', attributes: { 'http.request.resend_count': 1 } },
    ]);
    expect(prompts).toHaveLength(1);
  });

  it('of a refused connection are one span', async () => {
    const port = await closedPort();
    const { spans } = await recorded(() =>
      client({ baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 1 })
        .chat.completions.create(request as never)
        .catch(() => undefined),
    );
    expect(spans).toMatchObject([
      { status: 'error', attributes: { 'http.request.resend_count': 1 } },
    ]);
  }, 20_000);
});

describe('a redirect', () => {
  it('leads to the same call', async () => {
    const redirect: Answer = (response) =>
      response.writeHead(307, { location: `/other${PATH}` }).end();
    provider.answers = [redirect, json(chat('It is warm.'))];
    const { spans, completions } = await recorded(() => ask());
    expect(provider.paths).toEqual([PATH, `/other${PATH}`]);
    expect(spans).toMatchObject([{ status: 'ok' }]);
    expect(spans[0]?.attributes).not.toHaveProperty('http.request.resend_count');
    expect(completions).toHaveLength(1);
  });
});

describe('a stream', () => {
  const read = async (count: number, onRead?: () => void, signal?: AbortSignal): Promise<void> => {
    const response = await provider.post(PATH, streamed, signal ? { signal } : {});
    let seen = 0;
    for await (const _ of response.body as ReadableStream) {
      onRead?.();
      if (++seen >= count) break;
    }
  };
  const slowly: Answer = async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const one of chunks(['It is ', 'warm.'])) {
      response.write(eventsText([one]));
      await new Promise((done) => setTimeout(done, 20));
    }
    response.end();
  };

  it('that is left early has the text so far', async () => {
    provider.answers = [slowly];
    const { spans, completions } = await recorded(() => read(1));
    expect(spans).toMatchObject([{ status: 'ok', attributes: { 'agensight.unfinished': true } }]);
    expect(completions).toMatchObject([{ content: 'It is ' }]);
  });

  it.each([undefined, new Error('of the program')])(
    'that is aborted (%s) has it, too',
    async (reason) => {
      provider.answers = [slowly];
      const controller = new AbortController();
      const { spans } = await recorded(() =>
        read(9, () => controller.abort(reason), controller.signal).catch(() => undefined),
      );
      expect(spans).toMatchObject([{ status: 'ok', attributes: { 'agensight.unfinished': true } }]);
    },
  );

  it('that the server cuts is an error', async () => {
    provider.answers = [
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(eventsText(chunks(['It is ']).slice(0, 1)));
        setTimeout(() => response.destroy(), 20);
      },
    ];
    const { spans, completions } = await recorded(() => read(9).catch(() => undefined));
    expect(spans).toMatchObject([{ status: 'error' }]);
    expect(completions).toMatchObject([{ content: 'It is ' }]);
  });

  it('whose connection stays open after its last event is ended by flush()', async () => {
    provider.answers = [events(chunks(['It is ', 'warm.']), { end: false })];
    const controller = new AbortController();
    const rows = await recorded(async () => {
      const response = await provider.post(PATH, streamed, { signal: controller.signal });
      await response.body?.getReader().read();
      await new Promise((done) => setTimeout(done, 50));
      await flush();
    });
    controller.abort();
    expect(rows.spans).toMatchObject([{ status: 'ok' }]);
    expect(rows.spans[0]?.attributes).not.toHaveProperty('agensight.unfinished');
    expect(rows.completions).toMatchObject([{ content: 'It is warm.', total_tokens: 18 }]);
  });

  it('with an error in it is an error', async () => {
    const failed = { error: { message: 'overloaded', type: 'overloaded_error' } };
    provider.answers = [events([...chunks(['It is ']).slice(0, 1), failed])];
    const { spans } = await recorded(() => trace({ name: 'agent' }, () => read(9))());
    expect(spans.find(({ kind }) => kind === 'llm')).toMatchObject({
      status: 'error',
      error: { type: 'overloaded_error', message: 'overloaded' },
    });
  });
});

describe('a response with the status of success', () => {
  const failed = { message: 'upstream is down', code: 502 };
  const output = [{ type: 'message', role: 'assistant', content: [] }];

  it.each([
    ['an error in place of an answer', PATH, { error: failed }],
    ['an error in a choice', PATH, { choices: [{ message: { content: 'It' }, error: failed }] }],
    ['an answer and an error', '/v1/responses', { object: 'response', output, error: failed }],
  ])('and %s is an error', async (_, path, body) => {
    provider.answers = [json(body)];
    const { spans } = await recorded(async () => {
      await (await provider.post(path, { model: 'm', input: 'Hi', messages: [] })).text();
    });
    expect(spans).toMatchObject([
      {
        status: 'error',
        error: { message: 'upstream is down' },
        attributes: { 'error.type': '502' },
      },
    ]);
  });

  it('and the state `failed` is an error', async () => {
    provider.answers = [json({ object: 'response', output, status: 'failed', error: null })];
    const { spans } = await recorded(async () => {
      await (await provider.post('/v1/responses', { model: 'm', input: 'Hi' })).text();
    });
    expect(spans).toMatchObject([{ status: 'error', error: { type: 'failed' } }]);
  });
});
