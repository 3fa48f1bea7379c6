import { describe, expect, it } from 'vitest';
import {
  all,
  anthropic,
  called,
  claude,
  gpt,
  openai,
  patched,
  serveProviders,
  server,
} from '../support/provider-clients.ts';
import { refuse } from '../support/provider-server.ts';

serveProviders();

const GPT = {
  content: 'It is 27 °C.',
  provider: 'openai',
  model: 'gpt-served',
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
};
const CHAT = { ...GPT, response_id: 'chatcmpl_1', finish_reason: 'stop', cached_tokens: 4 };
describe('the request', () => {
  const read = async (stream: Promise<AsyncIterable<unknown>>) => all(await stream);

  it('requests the usage of a stream, and hides the additional chunk from the caller', async () => {
    const plain = await read(openai().chat.completions.create({ ...gpt, stream: true }));
    const { result } = await called(() =>
      read(patched(openai()).chat.completions.create({ ...gpt, stream: true })),
    );
    expect(server.asked[1]?.body.stream_options).toEqual({ include_usage: true });
    expect(result).toEqual(plain);
  });

  it.each([
    ['usage', true],
    ['no usage', false],
  ])('stays as it is when the caller asks for %s', async (_, include_usage) => {
    const request = { ...gpt, stream: true as const, stream_options: { include_usage } };
    const { result } = await called(() => read(patched(openai()).chat.completions.create(request)));
    expect(server.asked[0]?.body).toEqual(request);
    expect(result).toHaveLength(include_usage ? 5 : 4);
  });

  it.each([
    ['chat', () => patched(openai()).chat.completions.create(gpt), gpt],
    ['messages', () => patched(anthropic()).messages.create(claude), claude],
  ])('is not altered otherwise: %s', async (_, call, body) => {
    await called(call);
    expect(server.asked[0]?.body).toEqual(body);
  });

  it('is repeated unchanged for a server that rejects stream_options', async () => {
    server.turns.push(refuse(400, { message: 'Unknown parameter: stream_options' }));
    const client = patched(openai({ baseURL: `${server.url}/old/v1` }));
    const request = { ...gpt, stream: true as const };
    const { span, result } = await called(() => read(client.chat.completions.create(request)));
    expect(span.status).toBe('ok');
    expect(result).toHaveLength(4);
    await called(() => read(client.chat.completions.create(request)));
    const asking = server.asked.map(({ body }) => 'stream_options' in body);
    expect(asking).toEqual([true, false, false]);
  });
});

describe('a stream', () => {
  it('that the caller stops reading is recorded up to there', async () => {
    const { span, completion } = await called(async () => {
      const stream = await patched(openai()).chat.completions.create({ ...gpt, stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    });
    expect(span.status).toBe('ok');
    expect(completion.content).toBe('It is ');
  });

  it('that is aborted ends its span', async () => {
    server.turns.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"id":"c","choices":[{"index":0,"delta":{"content":"It"}}]}\n\n');
    });
    const { completion } = await called(async () => {
      const stream = await patched(openai()).chat.completions.create({ ...gpt, stream: true });
      for await (const _ of stream) stream.controller.abort();
    });
    expect(completion.content).toBe('It');
  });

  it('can be split by tee()', async () => {
    const { completion, result } = await called(async () => {
      const stream = await patched(openai()).chat.completions.create({ ...gpt, stream: true });
      const [left, right] = stream.tee();
      return Promise.all([all(left), all(right)]);
    });
    const [left, right] = result as unknown[][];
    expect(left).toEqual(right);
    expect(left).toHaveLength(4);
    expect(completion).toMatchObject(CHAT);
  });
});
