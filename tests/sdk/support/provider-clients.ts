/** Clients of the provider packages, configured for the test server. */
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { instrument } from '../../../sdk/index.ts';
import type { CompletionRecord, RecordLists, SpanRecord } from '../../../wire/records.ts';
import { recorded } from './edge.ts';
import { ProviderServer } from './provider-server.ts';

export const server: ProviderServer = new ProviderServer();

/** Starts the server before the tests of a file, and stops it after them. */
export function serveProviders(): void {
  beforeAll(() => server.open());
  afterAll(() => server.close());
  beforeEach(() => {
    server.asked.length = 0;
    server.turns.length = 0;
  });
}

export const openai = (options = {}): OpenAI =>
  new OpenAI({ apiKey: 'k', baseURL: `${server.url}/v1`, maxRetries: 0, ...options });
export const anthropic = (): Anthropic =>
  new Anthropic({ apiKey: 'k', baseURL: server.url, maxRetries: 0 });
export const google = (): GoogleGenAI =>
  new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: server.url } });

export const messages = [{ role: 'user' as const, content: 'How warm is it?' }];
export const gpt = { model: 'gpt-asked', messages };
export const claude = { model: 'claude-asked', max_tokens: 100, messages };
export const gemini = { model: 'gemini-asked', contents: 'How warm is it?' };

/** The client with its methods patched, as `instrument` does on runtimes whose transport it cannot tap. */
export const patched = <T extends object>(client: T): T => instrument(client, { askUsage: true });

/** These tests call `instrument()`. */
export const BY_HAND = { autoInstrument: false } as const;

/** All items of a stream. */
export async function all(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** The span of a call, its completion, and the result of the call. */
export async function called(
  work: () => unknown,
): Promise<{ span: SpanRecord; completion: CompletionRecord; result: unknown; rows: RecordLists }> {
  let result: unknown;
  const rows = await recorded(async () => {
    result = await work();
  }, BY_HAND);
  expect(rows.spans).toHaveLength(1);
  return {
    span: rows.spans[0] as SpanRecord,
    completion: rows.completions[0] as CompletionRecord,
    result,
    rows,
  };
}
