/** Calls whose answer nobody reads are paid all the same. */

import type { Program } from '../program.ts';
import { ANSWER, CHAT, completion, QUESTION } from '../provider/chat.ts';
import { type Answer, type Json, refusal } from '../provider/server.ts';
import { some } from '../row-checks.ts';

const answer: Answer = { json: completion({ content: ANSWER }) };

const WAYS: Record<string, (openai: Json, seen: unknown[]) => unknown> = {
  'not awaited': (openai) => {
    openai.chat.completions.create(CHAT);
  },
  'caught, not awaited': (openai, seen) => {
    openai.chat.completions.create(CHAT).catch(({ status }: Json) => seen.push(status));
  },
  'headers only': async (openai) =>
    (await openai.chat.completions.create(CHAT).asResponse()).status,
};

const unread = (way: string, isRefused: boolean): Program => ({
  name: `openai, ${isRefused ? 'a failure' : 'an answer'} that nobody reads, ${way}`,
  packages: ['openai'],
  async run({ load, provider, quiet }) {
    const { OpenAI } = await load('openai');
    const { url, asked } = await provider(() => (isRefused ? refusal(500) : answer));
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 });
    const seen: unknown[] = [];
    const got = await WAYS[way]?.(openai, seen);
    await quiet();
    return [got, seen, asked.length];
  },
  rows: [
    {
      table: 'spans',
      where: { kind: 'llm' },
      are: [{ status: isRefused ? 'error' : 'ok', ended_at: some }],
    },
    { table: 'prompts', are: [{ role: 'user', content: QUESTION }] },
  ],
});

export const programs: Program[] = [
  ...Object.keys(WAYS).map((way) => unread(way, false)),
  unread('caught, not awaited', true),
];
