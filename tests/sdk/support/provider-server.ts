/** A provider server over HTTP, with the responses of OpenAI, Anthropic and Google. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Json;
}

type Turn = (response: ServerResponse, asked: Asked) => void;

export class ProviderServer {
  readonly asked: Asked[] = [];
  /** Responses for the next requests, before the usual ones. */
  readonly turns: Turn[] = [];
  private readonly server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = JSON.parse(text || '{}') as Json;
      const asked = { path: request.url ?? '', headers: request.headers, body };
      this.asked.push(asked);
      const turn = this.turns.shift() ?? usual;
      turn(response, asked);
    });
  });

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** An error response with a provider's headers. */
export const refuse =
  (status: number, error: Json, headers: Record<string, string> = {}): Turn =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error }));
  };

const USAGE = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

const CLAUDE_USAGE = { input_tokens: 9, cache_read_input_tokens: 2, output_tokens: 5 };

function usual(response: ServerResponse, { path, body }: Asked): void {
  const send = (value: Json): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
    response.end(JSON.stringify(value));
  };
  const stream = (events: readonly (Json | string)[], named = false): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
    for (const event of events) {
      if (named) response.write(`event: ${(event as Json).type}\n`);
      response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
    }
    response.end();
  };
  if (path.endsWith('/chat/completions')) {
    if (body.stream) stream(chatChunks(body));
    else send(chat(body));
  } else if (path.endsWith('/embeddings')) send(EMBEDDINGS);
  else if (path.endsWith('/responses')) {
    if (body.stream) stream(responseEvents(), true);
    else send(RESPONSE);
  } else if (path.endsWith('/completions')) {
    send({
      id: 'cmpl_1',
      model: 'gpt-served',
      choices: [{ index: 0, text: 'Plain.' }],
      usage: USAGE,
    });
  } else if (path.includes('/v1/messages')) {
    if (body.stream) stream(claudeEvents(), true);
    else send(CLAUDE);
  } else if (path.includes(':streamGenerateContent')) {
    stream([gemini('It is '), { ...gemini('27 °C.'), usageMetadata: GEMINI_USAGE }]);
  } else if (path.includes(':generateContent')) {
    send({ ...gemini('It is 27 °C.'), usageMetadata: GEMINI_USAGE });
  } else if (/:(batchEmbedContents|embedContent)/.test(path)) {
    send({ embeddings: [{ values: [0.1, 0.2] }] });
  } else {
    response.writeHead(404);
    response.end(path);
  }
}

const TOOL_CALL = {
  id: 'call_1',
  type: 'function',
  function: { name: 'get_weather', arguments: '{"city":"Málaga"}' },
};

function chat(body: Json): Json {
  const last = (body.messages as Json[]).at(-1);
  const wantsTool = !!body.tools && last?.role !== 'tool';
  const message = wantsTool
    ? { role: 'assistant', content: null, tool_calls: [TOOL_CALL] }
    : { role: 'assistant', content: body.response_format ? '{"celsius":27}' : 'It is 27 °C.' };
  return {
    id: 'chatcmpl_1',
    object: 'chat.completion',
    model: 'gpt-served',
    choices: [{ index: 0, message, finish_reason: wantsTool ? 'tool_calls' : 'stop' }],
    usage: USAGE,
  };
}

function chatChunks(body: Json): (Json | string)[] {
  const asksUsage = (body.stream_options as Json | undefined)?.include_usage === true;
  const chunk = (choices: Json[], usage: Json | null): Json => ({
    id: 'chatcmpl_1',
    object: 'chat.completion.chunk',
    model: 'gpt-served',
    choices,
    ...(asksUsage ? { usage } : {}),
  });
  const delta = (text: Json, finish_reason: string | null = null): Json =>
    chunk([{ index: 0, delta: text, finish_reason }], null);
  return [
    delta({ role: 'assistant', content: '' }),
    delta({ content: 'It is ' }),
    delta({ content: '27 °C.' }),
    delta({}, 'stop'),
    ...(asksUsage ? [chunk([], USAGE)] : []),
    '[DONE]',
  ];
}

const EMBEDDINGS = {
  object: 'list',
  model: 'embed-served',
  data: [{ object: 'embedding', index: 0, embedding: 'AACAPwAAAEA=' }],
  usage: { prompt_tokens: 3, total_tokens: 3 },
};

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model: 'gpt-served',
  output: [
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'It is 27 °C.', annotations: [] }],
    },
  ],
  usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
};

function responseEvents(): Json[] {
  const [item] = RESPONSE.output;
  const begun = { ...RESPONSE, status: 'in_progress', output: [], usage: null };
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
    {
      type: 'response.content_part.added',
      output_index: 0,
      content_index: 0,
      item_id: 'msg_1',
      part: { type: 'output_text', text: '', annotations: [] },
    },
    {
      type: 'response.output_text.delta',
      output_index: 0,
      content_index: 0,
      item_id: 'msg_1',
      delta: 'It is 27 °C.',
    },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: RESPONSE },
  ];
  return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

const CLAUDE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-served',
  content: [{ type: 'text', text: 'It is 27 °C.' }],
  stop_reason: 'end_turn',
  usage: CLAUDE_USAGE,
};

const claudeEvents = (): Json[] => [
  { type: 'message_start', message: { ...CLAUDE, content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'It is ' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '27 °C.' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
];

const GEMINI_USAGE = { promptTokenCount: 6, candidatesTokenCount: 4, totalTokenCount: 10 };

const gemini = (text: string): Json => ({
  responseId: 'gem_1',
  modelVersion: 'gemini-served',
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
});
