/** Amazon Bedrock, over HTTP/1: whole answers, and streams in the frames of AWS. */

import type { Host, Program } from '../program.ts';
import { claude, text } from '../provider/anthropic.ts';
import { ANSWER, QUESTION } from '../provider/chat.ts';
import type { Json, Route } from '../provider/server.ts';
import { exactly, saying, some } from '../row-checks.ts';

const THOUGHT = 'Let me think.';
const usage = { inputTokens: 10, outputTokens: 5, totalTokens: 115, cacheReadInputTokens: 100 };
const toolUse = { toolUseId: 'tooluse_1', name: 'get_weather' };

const delta = (contentBlockIndex: number, part: object) =>
  ['contentBlockDelta', { contentBlockIndex, delta: part }] as const;
const stop = (contentBlockIndex: number) => ['contentBlockStop', { contentBlockIndex }] as const;
const FRAMES = [
  ['messageStart', { role: 'assistant' }],
  delta(0, { reasoningContent: { text: 'Let me ' } }),
  delta(0, { reasoningContent: { text: 'think.' } }),
  stop(0),
  delta(1, { text: 'It is ' }),
  delta(1, { text: 'warm.' }),
  stop(1),
  ['contentBlockStart', { contentBlockIndex: 2, start: { toolUse } }],
  delta(2, { toolUse: { input: '{"city":' } }),
  delta(2, { toolUse: { input: '"A"}' } }),
  stop(2),
  ['messageStop', { stopReason: 'tool_use' }],
  ['metadata', { usage, metrics: { latencyMs: 5 } }],
] as const;

const WHOLE = {
  output: {
    message: {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: THOUGHT } } },
        { text: ANSWER },
        { toolUse: { ...toolUse, input: { city: 'A' } } },
      ],
    },
  },
  stopReason: 'tool_use',
  usage,
  metrics: { latencyMs: 5 },
};

const route: Route = ({ path }) => {
  if (path.endsWith('/converse-stream')) return { frames: FRAMES };
  if (path.endsWith('/converse')) return { json: WHOLE };
  return { json: claude([text(ANSWER)]) };
};

const MODEL = 'anthropic.claude-sonnet-4-20250514-v1:0';
const REQUEST = {
  modelId: MODEL,
  system: [{ text: 'Be brief.' }],
  messages: [{ role: 'user', content: [{ text: QUESTION }] }],
};
const packages = ['@aws-sdk/client-bedrock-runtime', '@smithy/node-http-handler'];

async function open({ load, provider }: Host): Promise<{ aws: Json; client: Json }> {
  const aws = await load('@aws-sdk/client-bedrock-runtime');
  const { NodeHttpHandler } = await load('@smithy/node-http-handler');
  const { url } = await provider(route);
  const client = new aws.BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: new NodeHttpHandler(),
  });
  return { aws, client };
}

async function textsOf(events: AsyncIterable<Json>): Promise<unknown[]> {
  const texts = [];
  for await (const event of events) texts.push(event.contentBlockDelta?.delta?.text);
  return texts;
}

const rows = [
  { table: 'spans', where: { kind: 'llm' }, are: [{ status: 'ok', ended_at: some }] },
  {
    table: 'prompts',
    are: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: QUESTION },
    ],
  },
  {
    table: 'completions',
    are: [
      {
        role: 'assistant',
        content: ANSWER,
        parts: saying(THOUGHT),
        finish_reason: 'tool_use',
        prompt_tokens: 110,
        completion_tokens: 5,
        total_tokens: 115,
        cached_tokens: 100,
      },
    ],
  },
  {
    table: 'tools',
    are: [{ id: 'tooluse_1', name: 'get_weather', arguments: exactly({ city: 'A' }) }],
  },
] as const;

/** In a span of its own, and by a client that is instrumented. */
const bySpan = ({ agensight }: Host, client: Json) =>
  agensight.span({ name: 'ask', kind: 'llm' }, (command: Json) => client.send(command));
const byClient = ({ agensight }: Host, client: Json) => {
  const instrumented = agensight.instrument(client);
  return (command: Json) => instrumented.send(command);
};

const both = Object.entries({ 'in a span': bySpan, instrumented: byClient }).flatMap(
  ([how, prepare]): Program[] => [
    {
      name: `Bedrock, Converse, ${how}`,
      packages,
      async run(host) {
        const { aws, client } = await open(host);
        const send = prepare(host, client);
        return (await send(new aws.ConverseCommand(REQUEST))).output;
      },
      rows,
    },
    {
      name: `Bedrock, ConverseStream, ${how}`,
      packages,
      async run(host) {
        const { aws, client } = await open(host);
        const send = prepare(host, client);
        return textsOf((await send(new aws.ConverseStreamCommand(REQUEST))).stream);
      },
      rows,
    },
    {
      name: `Bedrock, InvokeModel, ${how}`,
      packages,
      async run(host) {
        const { aws, client } = await open(host);
        const send = prepare(host, client);
        const messages = [{ role: 'user', content: QUESTION }];
        const body = JSON.stringify({ max_tokens: 50, messages });
        const answer = await send(new aws.InvokeModelCommand({ modelId: MODEL, body }));
        return JSON.parse(Buffer.from(answer.body).toString()).content;
      },
      rows: [
        { table: 'prompts', are: [{ role: 'user', content: QUESTION }] },
        {
          table: 'completions',
          are: [{ content: ANSWER, prompt_tokens: 3, completion_tokens: 2 }],
        },
        { table: 'spans', none: { input: saying('middlewareStack') } },
      ],
    },
  ],
);

const yielded: Program = {
  name: 'Bedrock, ConverseStream, its events yielded by a generator',
  packages,
  async run(host) {
    const { aws, client } = await open(host);
    const events = host.agensight.span(
      { name: 'ask', kind: 'llm' },
      async function* (input: Json): AsyncGenerator<Json> {
        yield* (await client.send(new aws.ConverseStreamCommand(input))).stream;
      },
    );
    return textsOf(events(REQUEST));
  },
  rows,
};

export const programs: Program[] = [...both, yielded];
