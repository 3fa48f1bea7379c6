import { AzureOpenAI } from 'openai';
import { describe, expect, it } from 'vitest';
import { recorded } from '../support/edge.ts';
import {
  all,
  anthropic,
  BY_HAND,
  called,
  claude,
  gemini,
  google,
  gpt,
  openai,
  patched,
  serveProviders,
  server,
} from '../support/provider-clients.ts';

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
const RESPONSE = { ...GPT, response_id: 'resp_1' };
const CLAUDE = {
  content: 'It is 27 °C.',
  provider: 'anthropic',
  model: 'claude-served',
  response_id: 'msg_1',
  finish_reason: 'end_turn',
  prompt_tokens: 11,
  completion_tokens: 5,
};
const GEMINI = {
  content: 'It is 27 °C.',
  provider: 'gcp.gemini',
  model: 'gemini-served',
  response_id: 'gem_1',
  finish_reason: 'STOP',
  prompt_tokens: 6,
  completion_tokens: 4,
};

type Case = readonly [name: string, call: () => unknown, span: string, completion: object];

describe('a call of an instrumented client', () => {
  it.each<Case>([
    ['chat', () => patched(openai()).chat.completions.create(gpt), 'chat gpt-asked', CHAT],
    [
      'a stream of chat',
      async () => all(await patched(openai()).chat.completions.create({ ...gpt, stream: true })),
      'chat gpt-asked',
      CHAT,
    ],
    [
      'chat.completions.stream()',
      () => patched(openai()).chat.completions.stream(gpt).finalChatCompletion(),
      'chat gpt-asked',
      CHAT,
    ],
    [
      'chat.completions.parse()',
      () =>
        patched(openai()).chat.completions.parse({
          ...gpt,
          response_format: { type: 'json_object' },
        }),
      'chat gpt-asked',
      { ...CHAT, content: '{"celsius":27}' },
    ],
    [
      'chat with its response',
      () => patched(openai()).chat.completions.create(gpt).withResponse(),
      'chat gpt-asked',
      CHAT,
    ],
    [
      'chat, read by hand',
      async () => (await patched(openai()).chat.completions.create(gpt).asResponse()).json(),
      'chat gpt-asked',
      CHAT,
    ],
    [
      'a copy of the client',
      () => patched(openai()).withOptions({ maxRetries: 0 }).chat.completions.create(gpt),
      'chat gpt-asked',
      CHAT,
    ],
    [
      'a legacy completion',
      () => patched(openai()).completions.create({ model: 'gpt-asked', prompt: 'Say it.' }),
      'text_completion gpt-asked',
      { ...GPT, content: 'Plain.' },
    ],
    [
      'responses',
      () => patched(openai()).responses.create({ model: 'gpt-asked', input: 'How warm?' }),
      'chat gpt-asked',
      RESPONSE,
    ],
    [
      'a stream of responses',
      async () =>
        all(
          await patched(openai()).responses.create({
            model: 'gpt-asked',
            input: 'How warm?',
            stream: true,
          }),
        ),
      'chat gpt-asked',
      RESPONSE,
    ],
    [
      'responses.stream()',
      () =>
        patched(openai())
          .responses.stream({ model: 'gpt-asked', input: 'How warm?' })
          .finalResponse(),
      'chat gpt-asked',
      RESPONSE,
    ],
    [
      'responses.parse()',
      () => patched(openai()).responses.parse({ model: 'gpt-asked', input: 'How warm?' }),
      'chat gpt-asked',
      RESPONSE,
    ],
    ['messages', () => patched(anthropic()).messages.create(claude), 'chat claude-asked', CLAUDE],
    [
      'a stream of messages',
      async () => all(await patched(anthropic()).messages.create({ ...claude, stream: true })),
      'chat claude-asked',
      CLAUDE,
    ],
    [
      'messages.stream()',
      () => patched(anthropic()).messages.stream(claude).finalMessage(),
      'chat claude-asked',
      CLAUDE,
    ],
    [
      'beta messages',
      () => patched(anthropic()).beta.messages.create(claude),
      'chat claude-asked',
      CLAUDE,
    ],
    [
      'generateContent',
      () => patched(google()).models.generateContent(gemini),
      'generate_content gemini-asked',
      GEMINI,
    ],
    [
      'generateContentStream',
      async () => all(await patched(google()).models.generateContentStream(gemini)),
      'generate_content gemini-asked',
      GEMINI,
    ],
    [
      'a chat of Google',
      () =>
        patched(google()).chats.create({ model: 'gemini-asked' }).sendMessage({ message: 'Hi' }),
      'generate_content gemini-asked',
      GEMINI,
    ],
  ])('is recorded: %s', async (_, call, name, expected) => {
    const { span, completion, rows } = await called(call);
    expect(span).toMatchObject({ name, kind: 'llm', status: 'ok' });
    expect(rows.completions).toHaveLength(1);
    expect(completion).toMatchObject(expected);
    expect(rows.prompts.length).toBeGreaterThan(0);
  });

  it.each<Case>([
    [
      'OpenAI',
      () => patched(openai()).embeddings.create({ model: 'embed-asked', input: 'a' }),
      'embeddings embed-asked',
      { model: 'embed-served', provider: 'openai', prompt_tokens: 3 },
    ],
    [
      'Google',
      () => patched(google()).models.embedContent({ model: 'embed-asked', contents: 'a' }),
      'embeddings embed-asked',
      { model: 'embed-asked', provider: 'gcp.gemini' },
    ],
  ])('is recorded as an embedding, without the vectors: %s', async (_, call, name, expected) => {
    const { span, completion } = await called(call);
    expect(span).toMatchObject({ name, kind: 'embedding' });
    expect(span).not.toHaveProperty('output');
    expect(completion).toMatchObject(expected);
  });

  it('records the server', async () => {
    const { span } = await called(() => patched(openai()).chat.completions.create(gpt));
    expect(span.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-asked',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(server.url).port),
      'http.response.status_code': 200,
      'agensight.request_id': 'req_1',
    });
  });

  it.each([
    ['https://api.groq.com/openai/v1', 'groq'],
    ['https://eu.api.openai.com/v1', 'openai'],
    ['https://europe-west4-aiplatform.googleapis.com/v1', 'gcp.vertex_ai'],
    ['https://evil-api.groq.com.example/v1', 'openai'],
  ])('names the provider behind %s as %s', async (baseURL, provider) => {
    const fetch: typeof globalThis.fetch = (url, init) =>
      globalThis.fetch(`${server.url}${new URL(String(url)).pathname}`, init);
    const client = patched(openai({ baseURL, fetch }));
    const { completion } = await called(() => client.chat.completions.create(gpt));
    expect(completion).toMatchObject({ provider });
  });

  it('detects Azure', async () => {
    const endpoint = 'https://here.openai.azure.com';
    const fetch: typeof globalThis.fetch = (url, init) =>
      globalThis.fetch(`${server.url}${new URL(String(url)).pathname}`, init);
    const options = { endpoint, apiKey: 'k', apiVersion: '2024-10-21', fetch };
    const client = patched(new AzureOpenAI(options));
    const { completion } = await called(() => client.chat.completions.create(gpt));
    expect(completion).toMatchObject({ ...CHAT, provider: 'azure.ai.openai' });
    expect(server.asked[0]?.path).toContain('/deployments/gpt-asked/chat/completions');
  });

  it('has the time to the first token of a stream', async () => {
    const { completion } = await called(async () =>
      all(await patched(openai()).chat.completions.create({ ...gpt, stream: true })),
    );
    expect(completion.time_to_first_token_ms).toBeGreaterThan(0);
  });

  it('records a span per round of runTools()', async () => {
    const rows = await recorded(
      () =>
        patched(openai())
          .chat.completions.runTools({
            ...gpt,
            tools: [
              {
                type: 'function',
                function: {
                  name: 'get_weather',
                  description: 'weather',
                  parameters: { type: 'object', properties: {} },
                  parse: JSON.parse,
                  function: () => '27 °C',
                },
              },
            ],
          })
          .finalContent(),
      BY_HAND,
    );
    expect(rows.spans.map(({ name }) => name)).toEqual(['chat gpt-asked', 'chat gpt-asked']);
    expect(rows.tools).toMatchObject([
      { id: 'call_1', name: 'get_weather', arguments: { city: 'Málaga' } },
      { id: 'call_1', output: '27 °C' },
    ]);
  });
});
