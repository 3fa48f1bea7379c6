/** Clients of the AWS SDK, with a middleware. */
import {
  BedrockRuntimeClient,
  ConverseCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
// biome-ignore lint/correctness/noUndeclaredDependencies: a part of the AWS SDK
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect, it } from 'vitest';
import { instrument, span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import { json, Loopback } from '../transport/loopback.ts';

const provider = Loopback.forTests();
const client = (): BedrockRuntimeClient =>
  new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: provider.url,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 2,
  });
const messages = [{ role: 'user' as const, content: [{ text: 'How warm is it?' }] }];
const converse = (): ConverseCommand => new ConverseCommand({ modelId: 'amazon.nova', messages });
const reply = {
  output: { message: { role: 'assistant', content: [{ text: 'It is warm.' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
};
const body = { messages: [{ role: 'user', content: 'How warm is it?' }], max_tokens: 9 };
const claude = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-served',
  content: [{ type: 'text', text: 'It is warm.' }],
  usage: { input_tokens: 11, output_tokens: 7 },
};
const said = { content: 'It is warm.', prompt_tokens: 11, completion_tokens: 7 };

it('records Converse once, and does not change its result', async () => {
  provider.answers = [json(reply, 200, { 'x-amzn-requestid': 'r1' })];
  const plain = await client().send(converse());
  let seen: unknown;
  const rows = await recorded(async () => {
    seen = await instrument(instrument(client())).send(converse());
  });
  expect(seen).toEqual(plain);
  expect(rows.spans).toMatchObject([{ name: 'chat amazon.nova', kind: 'llm', status: 'ok' }]);
  expect(rows.spans[0]?.attributes).toMatchObject({
    'gen_ai.provider.name': 'aws.bedrock',
    'agensight.request_id': 'r1',
    'http.response.status_code': 200,
  });
  expect(rows.prompts).toMatchObject([{ role: 'user', content: 'How warm is it?' }]);
  expect(rows.completions).toMatchObject([said]);
});

it('records the body of InvokeModel', async () => {
  provider.answers = [json(claude)];
  const command = new InvokeModelCommand({ modelId: 'anthropic.c', body: JSON.stringify(body) });
  const rows = await recorded(async () => {
    const { body: bytes } = await instrument(client()).send(command);
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(claude);
  });
  expect(rows.prompts).toMatchObject([{ role: 'user', content: 'How warm is it?' }]);
  expect(rows.completions).toMatchObject([{ ...said, provider: 'aws.bedrock' }]);
});

it('counts a call in a wrapped function once', async () => {
  provider.answers = [json(reply)];
  const wrapped = span({ name: 'llm', kind: 'llm' }, (command: ConverseCommand) =>
    instrument(client()).send(command),
  );
  const { completions } = await recorded(() => wrapped(converse()));
  expect(completions).toHaveLength(1);
});

it('passes on an error, and is not active without init()', async () => {
  provider.answers = [
    json({ message: 'no access' }, 403, { 'x-amzn-errortype': 'AccessDeniedException' }),
  ];
  const { spans } = await recorded(async () => {
    await expect(instrument(client()).send(converse())).rejects.toThrow('no access');
  });
  expect(spans).toMatchObject([
    { status: 'error', error: { type: 'AccessDeniedException', message: 'no access' } },
  ]);
  provider.answers = [json(reply)];
  expect((await instrument(client()).send(converse())).stopReason).toBe('end_turn');
});
