/** A provider on 127.0.0.1 that answers as a test says, and requests to it by `fetch`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export type Answer = (response: ServerResponse, request: IncomingMessage, body: string) => void;

export class Loopback {
  /** The answers to the next requests; the last one is given again and again. */
  answers: Answer[] = [];
  readonly paths: string[] = [];
  readonly #server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.paths.push(request.url ?? '');
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    answer?.(response, request, body);
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-secret-key' },
      body: JSON.stringify(body),
      ...init,
    });
  }

  /** Starts it before the tests of a file, and stops it after them. */
  static forTests(): Loopback {
    const loopback = new Loopback();
    // Large bodies block the event loop for longer than the default of 5 seconds on a busy machine.
    loopback.#server.keepAliveTimeout = 60_000;
    beforeAll(() => new Promise<void>((done) => loopback.#server.listen(0, '127.0.0.1', done)));
    beforeEach(() => {
      loopback.answers = [];
      loopback.paths.length = 0;
    });
    afterAll(() => {
      loopback.#server.closeAllConnections();
      return new Promise((done) => loopback.#server.close(done));
    });
    return loopback;
  }
}

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };

/** Server-sent events; `end: false` keeps the connection open. */
export const events =
  (values: readonly unknown[], { end = true, type = 'text/event-stream' } = {}): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': type });
    response.write(eventsText(values));
    if (end) response.end();
  };

export const eventsText = (values: readonly unknown[]): string =>
  values.map((value) => `data: ${value === '[DONE]' ? value : JSON.stringify(value)}\n\n`).join('');

export const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

export const chat = (content: string, id = 'chatcmpl_1'): object => ({
  id,
  object: 'chat.completion',
  model: 'gpt-served',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: USAGE,
});

/** The chunks of a chat completion, one for each text. */
export const chunks = (texts: readonly string[], usage: object | null = USAGE): unknown[] => [
  ...texts.map((content) => chunk([{ index: 0, delta: { role: 'assistant', content } }])),
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
  ...(usage ? [{ ...chunk([]), usage }] : []),
  '[DONE]',
];

const chunk = (choices: unknown[]): object => ({
  id: 'chatcmpl_1',
  object: 'chat.completion.chunk',
  model: 'gpt-served',
  choices,
});

export const PATH = '/v1/chat/completions';
export const request = {
  model: 'gpt-asked',
  messages: [{ role: 'user', content: 'How warm is it?' }],
};
export const streamed = { ...request, stream: true, stream_options: { include_usage: true } };
