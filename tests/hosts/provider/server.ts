/** A provider of models on 127.0.0.1. The program of a test says what it answers. */
import { hash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { awsFrame } from './aws-frames.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any provider, read by the program that expects them
export type Json = any;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Json;
  /** 1 for the first request to this provider. */
  readonly number: number;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** A whole answer. */
  readonly json?: unknown;
  /** Server-sent events: objects, or text such as `[DONE]`. */
  readonly events?: readonly unknown[];
  /** Writes the `type` of each event as its name. */
  readonly isNamed?: boolean;
  /** Lines of JSON. */
  readonly lines?: readonly unknown[];
  /** Messages of an event stream of AWS: type and body. */
  readonly frames?: readonly (readonly [string, unknown])[];
  readonly bytes?: Uint8Array;
  /** Time between two parts of a stream. */
  readonly delayMillis?: number;
  /** Breaks the connection instead of ending the stream. */
  readonly isCut?: boolean;
}

export type Route = (asked: Asked) => Answer | Promise<Answer>;

export interface Provider {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Requests that are not answered yet. */
  readonly open: number;
  close(): void;
}

export async function startProvider(route: Route): Promise<Provider> {
  const asked: Asked[] = [];
  /** How often each body was answered. */
  const times = new Map<string, number>();
  let open = 0;
  const server = createServer(async (request, response) => {
    open += 1;
    response.on('close', () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    // With `askUsage` the SDK adds this option.
    const plain = text.replace(/,?\s*"stream_options":\s*\{[^}]*\}/, '');
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: bodyOf(text),
      number: asked.length + 1,
    };
    asked.push(one);
    const answer = await route(one);
    const isRefused = (answer.status ?? 200) >= 400;
    const time = (times.get(plain) ?? 0) + (isRefused ? 0 : 1);
    times.set(plain, time);
    // As a provider gives them: never the same twice, and here the same in each run.
    const id = `${hash('sha256', plain).slice(0, 12)}_${time}`;
    await send(response, answer, id);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get open() {
      return open;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function bodyOf(text: string): Json {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return { text };
  }
}

const IDS = { 'x-request-id': 'req_1', 'request-id': 'req_1' };

const MADE_UP_ID = /"(chatcmpl|msg|resp)_1"/g;

async function send(response: ServerResponse, answer: Answer, id: string): Promise<void> {
  const [type, parts] = partsOf(answer);
  response.writeHead(answer.status ?? 200, { 'content-type': type, ...IDS, ...answer.headers });
  for (const part of parts) {
    if (response.destroyed) return;
    response.write(typeof part === 'string' ? part.replace(MADE_UP_ID, `"$1_${id}"`) : part);
    if (answer.delayMillis) await pause(answer.delayMillis);
  }
  if (answer.isCut) response.destroy();
  else response.end();
}

function partsOf(answer: Answer): [type: string, parts: (string | Uint8Array)[]] {
  const { bytes, events, frames, isNamed, json, lines } = answer;
  if (bytes) return ['application/octet-stream', [bytes]];
  if (frames) return ['application/vnd.amazon.eventstream', frames.map(([a, b]) => awsFrame(a, b))];
  if (lines) return ['application/x-ndjson', lines.map((line) => `${JSON.stringify(line)}\n`)];
  if (!events) return ['application/json', [JSON.stringify(json ?? {})]];
  return ['text/event-stream', events.map((event) => eventText(event as Json, isNamed ?? false))];
}

function eventText(event: Json, isNamed: boolean): string {
  const name = isNamed && event.type ? `event: ${event.type}\n` : '';
  return `${name}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
}

/** A refusal, in the form of OpenAI and Anthropic. */
export const refusal = (status: number, message = `refused with ${status}`): Answer => ({
  status,
  json: { type: 'error', error: { type: 'api_error', message, code: null, param: null } },
});
