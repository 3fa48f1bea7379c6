import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANSWERS, type Answer, REFUSAL, REFUSED, SERVED_MODEL, TOOL } from './facts.ts';

interface ChatRequest {
  messages: { role: string; content: unknown }[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  tools?: unknown[];
}

/** A provider with OpenAI's chat completions, on a free port of this machine. */
export interface MockProvider {
  /** What `OPENAI_BASE_URL` wants. */
  url: string;
  /** How many requests of each kind arrived. */
  seen: Record<'toolCall' | 'final' | 'streamed' | 'refused', number>;
  close(): Promise<void>;
}

export async function startMockProvider(): Promise<MockProvider> {
  const seen = { toolCall: 0, final: 0, streamed: 0, refused: 0 };
  const server = createServer(async (request, response) => {
    if (!request.url?.endsWith('/chat/completions')) {
      response.writeHead(404).end();
      return;
    }
    const body = JSON.parse(await read(request)) as ChatRequest;
    const last = JSON.stringify(body.messages.at(-1));
    if (last.includes(REFUSED)) {
      seen.refused += 1;
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: REFUSAL, type: 'invalid_request_error' } }));
      return;
    }
    if (body.stream) {
      seen.streamed += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const chunk of streamOf(ANSWERS.streamed, body.stream_options?.include_usage ?? false)) {
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      }
      response.end('data: [DONE]\n\n');
      return;
    }
    const kind = body.messages.at(-1)?.role === 'tool' || !body.tools ? 'final' : 'toolCall';
    seen[kind] += 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(completionOf(ANSWERS[kind])));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function usageOf(answer: Answer): object {
  return {
    prompt_tokens: answer.prompt,
    completion_tokens: answer.completion,
    total_tokens: answer.prompt + answer.completion,
    prompt_tokens_details: { cached_tokens: answer.cached },
    completion_tokens_details: { reasoning_tokens: answer.reasoning },
  };
}

function completionOf(answer: Answer): object {
  const calls = answer.finishReason === 'tool_calls' && {
    tool_calls: [
      {
        id: TOOL.id,
        type: 'function',
        function: { name: TOOL.name, arguments: JSON.stringify(TOOL.arguments) },
      },
    ],
  };
  return {
    id: answer.id,
    object: 'chat.completion',
    created: 1_790_000_000,
    model: SERVED_MODEL,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.text, ...calls },
        finish_reason: answer.finishReason,
      },
    ],
    usage: usageOf(answer),
  };
}

function streamOf(answer: Answer, withUsage: boolean): object[] {
  const chunk = (choices: object[], more: object = {}) => ({
    id: answer.id,
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: SERVED_MODEL,
    choices,
    ...more,
  });
  const delta = (change: object, finish_reason: string | null = null) =>
    chunk([{ index: 0, delta: change, finish_reason }]);
  return [
    delta({ role: 'assistant', content: '' }),
    ...(answer.text ?? '').split(/(?<= )/).map((content) => delta({ content })),
    delta({}, answer.finishReason),
    ...(withUsage ? [chunk([], { usage: usageOf(answer) })] : []),
  ];
}
