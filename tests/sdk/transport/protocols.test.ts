/** The protocols of providers, and the encodings of their responses, on the wire. */
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { describe, expect, it } from 'vitest';
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
const post = async (path: string, body: object): Promise<unknown> =>
  (await provider.post(path, body)).text();

const said = { content: 'It is warm.', prompt_tokens: 11, completion_tokens: 7 };
const messages = request.messages;
const ollama = (content: string, done = false): object => ({
  model: 'llama-served',
  message: { role: 'assistant', content },
  done,
  ...(done ? { done_reason: 'stop', prompt_eval_count: 11, eval_count: 7 } : {}),
});
const lines =
  (values: readonly object[]): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  };
const cohereTokens = { tokens: { input_tokens: 11, output_tokens: 7 } };
const claudeUsage = { input_tokens: 11, output_tokens: 7 };
const claude = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-served',
  content: [{ type: 'text', text: 'It is warm.' }],
  stop_reason: 'end_turn',
  usage: claudeUsage,
};
const claudeEvents = [
  { type: 'message_start', message: { ...claude, content: [], usage: { input_tokens: 11 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'It is ' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'warm.' } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: claudeUsage },
  { type: 'message_stop' },
];
const gemini = (text: string): object => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0 }],
  usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7 },
  modelVersion: 'gemini-served',
});

/** A frame of AWS's event stream; the checksums are not read. */
function frame(type: string, payload: object): Buffer {
  const name = Buffer.from(':event-type');
  const value = Buffer.from(type);
  const header = Buffer.alloc(4 + name.length + value.length);
  header.writeUInt8(name.length, 0);
  name.copy(header, 1);
  header.writeUInt8(7, 1 + name.length);
  header.writeUInt16BE(value.length, 2 + name.length);
  value.copy(header, 4 + name.length);
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + header.length + body.length + 4, 0);
  prelude.writeUInt32BE(header.length, 4);
  return Buffer.concat([prelude, header, body, Buffer.alloc(4)]);
}
const frames =
  (all: readonly Buffer[]): Answer =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    const bytes = Buffer.concat(all);
    // A frame may arrive in parts.
    response.write(bytes.subarray(0, 30));
    await new Promise((done) => setTimeout(done, 10));
    response.end(bytes.subarray(30));
  };
const packed = (event: object): Buffer =>
  frame('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64') });

describe('a call is recorded', () => {
  it.each<[string, string, object, Answer]>([
    ['Anthropic', '/v1/messages', request, json(claude)],
    ['Anthropic, a stream', '/v1/messages', streamed, events(claudeEvents)],
    ['Gemini', '/v1beta/models/g:generateContent', { contents: 'a' }, json(gemini('It is warm.'))],
    [
      'Gemini, events',
      '/v1beta/models/g:streamGenerateContent',
      { contents: 'a' },
      events([gemini('It is '), gemini('warm.')]),
    ],
    [
      'Gemini, a list',
      '/v1beta/models/g:streamGenerateContent',
      { contents: 'a' },
      json([gemini('It is '), gemini('warm.')]),
    ],
    [
      'Vertex AI',
      '/v1/projects/p/publishers/anthropic/models/c:rawPredict',
      { messages },
      json(claude),
    ],
    ['Bedrock', '/model/anthropic.c%3A0/invoke', { messages }, json(claude)],
    [
      'Bedrock, frames',
      '/model/anthropic.c%3A0/invoke-with-response-stream',
      { messages },
      frames(claudeEvents.map(packed)),
    ],
    [
      'Ollama',
      '/api/chat',
      { model: 'llama', messages, stream: false },
      json(ollama('It is warm.', true)),
    ],
    [
      'Ollama, lines',
      '/api/chat',
      { model: 'llama', messages },
      lines([ollama('It is '), ollama('warm.'), ollama('', true)]),
    ],
    [
      'Cohere 2',
      '/v2/chat',
      { model: 'command', messages },
      json({
        id: 'c1',
        finish_reason: 'COMPLETE',
        message: { role: 'assistant', content: [{ type: 'text', text: 'It is warm.' }] },
        usage: cohereTokens,
      }),
    ],
    [
      'Cohere 1',
      '/v1/chat',
      { model: 'command', message: 'a' },
      json({
        generation_id: 'g1',
        text: 'It is warm.',
        finish_reason: 'COMPLETE',
        meta: cohereTokens,
      }),
    ],
    [
      'Cohere 2, a stream',
      '/v2/chat',
      { model: 'command', messages, stream: true },
      events([
        { type: 'message-start', id: 'c1', delta: { message: { role: 'assistant' } } },
        { type: 'content-delta', index: 0, delta: { message: { content: { text: 'It is ' } } } },
        { type: 'content-delta', index: 0, delta: { message: { content: { text: 'warm.' } } } },
        { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: cohereTokens } },
      ]),
    ],
    [
      'a stream without a type',
      PATH,
      streamed,
      events(chunks(['It is ', 'warm.']), { type: 'text/plain' }),
    ],
  ])('%s', async (_, path, body, answer) => {
    provider.answers = [answer];
    const { spans, completions, prompts } = await recorded(() => post(path, body));
    expect(spans).toMatchObject([{ kind: 'llm', status: 'ok' }]);
    expect(completions).toMatchObject([said]);
    expect(prompts.length).toBeGreaterThan(0);
  });

  it('of an embedding without its vectors', async () => {
    provider.answers = [json({ model: 'e', embeddings: [[0.123, 0.2]], prompt_eval_count: 3 })];
    const rows = await recorded(() => post('/api/embed', { model: 'e', input: 'a' }));
    expect(rows.spans).toMatchObject([{ kind: 'embedding' }]);
    expect(rows.completions).toMatchObject([{ prompt_tokens: 3 }]);
    expect(JSON.stringify(rows)).not.toContain('0.123');
  });

  it('of an application that has such a route itself is not', async () => {
    provider.answers = [json({ answer: 'It is warm.' })];
    const { spans } = await recorded(() => post('/api/chat', request));
    expect(spans).toHaveLength(0);
  });
});

describe('a compressed response', () => {
  const encodings = {
    gzip: gzipSync,
    br: brotliCompressSync,
    zstd: zstdCompressSync,
    deflate: deflateSync,
    'deflate ': deflateRawSync,
  };
  it.each(Object.entries(encodings))('in %s is read, whole and as a stream', async (name, pack) => {
    const packedAs =
      (type: string, text: string): Answer =>
      (response) => {
        response.writeHead(200, { 'content-type': type, 'content-encoding': name.trim() });
        response.end(pack(Buffer.from(text)));
      };
    provider.answers = [
      packedAs('application/json', JSON.stringify(chat('It is warm.'))),
      packedAs('text/event-stream', eventsText(chunks(['It is ', 'warm.']))),
    ];
    const { completions } = await recorded(async () => {
      await post(PATH, request);
      await post(PATH, streamed);
    });
    expect(completions).toMatchObject([said, said]);
  });

  it('that is broken, and one that is no JSON, leave a span without a reply', async () => {
    provider.answers = [json('no object'), (response) => response.writeHead(200).end('<html>')];
    const { spans, completions } = await recorded(async () => {
      await post(PATH, request);
      await post(PATH, request);
    });
    expect(spans).toHaveLength(2);
    expect(completions).toHaveLength(0);
  });
});

describe('a large body', () => {
  const long = 'x'.repeat(20 * 1024 * 1024);

  it('of a request and of a response is recorded, cut at the limit of a text', async () => {
    provider.answers = [json(chat(long))];
    const asked = { ...request, messages: [{ role: 'user', content: long }] };
    const { prompts, completions } = await recorded(() => post(PATH, asked));
    expect(prompts[0]?.content?.length).toBeLessThan(2_000_000);
    expect(completions).toMatchObject([{ total_tokens: 18 }]);
  });

  it('beyond 64 MB has its model', async () => {
    provider.answers = [json(chat('It is warm.'))];
    const asked = {
      ...request,
      messages: Array(4).fill({ role: 'user', content: long.slice(0, 17 * 1024 * 1024) }),
    };
    const { spans, completions } = await recorded(() => post(PATH, asked));
    expect(spans).toMatchObject([{ name: 'chat gpt-asked', status: 'ok' }]);
    expect(completions).toMatchObject([said]);
  });
});
