/** Handlers of servers and of Lambda. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Host, Program } from '../program.ts';
import { ANSWER, answered, CHAT, chunks, words } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { some } from '../row-checks.ts';

async function client({ load, provider }: Host): Promise<Json> {
  const { OpenAI } = await load('openai');
  const { url } = await provider(answered);
  return new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
}

const post = (question: string) =>
  new Request('http://127.0.0.1/', { method: 'POST', body: JSON.stringify({ question }) });

const asking = async (request: Request) => {
  const { question } = (await request.json()) as { question: string };
  return { ...CHAT, messages: [{ role: 'user', content: question }] };
};

/** What Lambda passes to an invocation. */
const invocation = () => {
  const end = Date.now() + 3_000;
  return {
    awsRequestId: 'r1',
    functionName: 'f',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => end - Date.now(),
  };
};
const SQS = ['good', 'bad'].map((body, index) => ({
  messageId: String(index),
  body,
  messageAttributes: {},
  eventSource: 'aws:sqs',
}));

export const programs: Program[] = [
  {
    name: 'route handlers that answer with lines, with JSON, and with an error',
    packages: ['openai'],
    async run(host) {
      const { trace } = host.agensight;
      const openai = await client(host);
      const handlers: Record<string, (request: Request) => Promise<Response>> = {
        lines: trace('POST /lines', async (request: Request) => {
          const body = { ...(await asking(request)), stream: true };
          const stream = await openai.chat.completions.create(body);
          const headers = { 'content-type': 'application/x-ndjson' };
          return new Response(stream.toReadableStream(), { headers });
        }),
        json: trace('POST /json', async (request: Request) =>
          Response.json(await openai.chat.completions.create(await asking(request))),
        ),
        fails: trace('POST /fails', async (_: Request): Promise<Response> => {
          throw new RangeError('no');
        }),
      };
      const seen: Record<string, unknown> = {};
      for (const [name, handler] of Object.entries(handlers))
        seen[name] = await host.attempt(async () => {
          const response = await handler(post('How warm is it?'));
          return [response.status, response.headers.get('content-type'), await response.text()];
        });
      return seen;
    },
    rows: [
      {
        table: 'traces',
        are: [
          { name: 'POST /lines', status: 'ok' },
          { name: 'POST /json', status: 'ok', total_tokens: 18 },
          { name: 'POST /fails', status: 'error' },
        ],
      },
      { table: 'completions', are: [{ content: ANSWER }, { content: ANSWER, total_tokens: 18 }] },
    ],
  },
  {
    name: 'a reader that leaves the stream of a server',
    packages: ['openai'],
    async run({ load, provider, agensight, attempt, pause }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(({ body }) => ({
        events: chunks(body, words('It is warm and it stays warm until the evening comes.')),
        delayMillis: 15,
      }));
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const handler = agensight.trace('POST /', async () => {
        const stream = await openai.chat.completions.create({ ...CHAT, stream: true });
        return new Response(stream.toReadableStream());
      });
      const server = createServer(async (_, response) => {
        const reader = (await handler()).body?.getReader();
        response.on('close', () => void reader?.cancel('gone').catch(() => {}));
        for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
          response.write(part.value);
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const controller = new AbortController();
      const got = await attempt(async () => {
        const { signal } = controller;
        const reader = (await fetch(`http://127.0.0.1:${port}/`, { signal })).body?.getReader();
        await reader?.read();
        controller.abort();
        await reader?.read();
      });
      await pause(80);
      server.closeAllConnections();
      server.close();
      return got;
    },
    rows: [
      { table: 'traces', are: [{ ended_at: some }] },
      { table: 'spans', where: { kind: 'llm' }, are: [{ ended_at: some }] },
    ],
  },
  {
    name: 'Lambda handlers: a promise, a callback, a throw, a batch with failures, a method',
    packages: ['openai'],
    async run(host) {
      const { serverless, trace, extract } = host.agensight;
      const openai = await client(host);
      const answer = trace(
        { name: 'answer', session: ({ chat }: Json) => chat },
        async ({ question }: Json) => {
          const messages = [{ role: 'user', content: question }];
          return (await openai.chat.completions.create({ ...CHAT, messages })).choices[0].message;
        },
      );
      const promise: Json = serverless(async (event: Json, context: Json) => ({
        body: await answer(event),
        id: context.awsRequestId,
      }));
      const callback: Json = serverless((event: Json, _: Json, done: Json) => {
        setTimeout(() => done(null, { got: event.question }), 5);
      });
      const failing: Json = serverless(async () => {
        throw new TypeError('no');
      });
      const work = trace('work', async ({ body }: Json) => {
        if (body === 'bad') throw new Error('bad');
      });
      const batch: Json = serverless(async ({ Records }: Json) => {
        const batchItemFailures: unknown[] = [];
        for (const record of Records)
          await extract(record, () => work(record)).catch(() =>
            batchItemFailures.push({ itemIdentifier: record.messageId }),
          );
        return { batchItemFailures };
      });
      class Handler {
        base = 5;
        handle = async ({ n }: { n: number }) => this.base + n;
      }
      const method: Json = serverless(new Handler().handle);
      return {
        promise: await promise({ question: 'How warm is it?', chat: 'c1' }, invocation()),
        callback: await new Promise((resolve) =>
          callback({ question: 'q' }, invocation(), (...args: unknown[]) => resolve(args)),
        ),
        failing: await host.attempt(() => failing({}, invocation())),
        batch: await batch({ Records: SQS }, invocation()),
        method: await method({ n: 1 }, invocation()),
      };
    },
    rows: [
      { table: 'sessions', are: [{ id: 'c1' }] },
      {
        table: 'traces',
        where: { name: 'answer' },
        are: [{ session_id: 'c1', status: 'ok', total_tokens: 18 }],
      },
      {
        table: 'traces',
        where: { name: 'work' },
        are: [{ status: 'ok' }, { status: 'error' }],
      },
    ],
  },
];
