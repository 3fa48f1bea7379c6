/** What an answer has beside its text: speech, and sources. */

import { ONE_SET, type Program } from '../program.ts';
import { CLAUDE, claudeEvents } from '../provider/anthropic.ts';
import { ANSWER, CHAT, chunk, completion, listOf } from '../provider/chat.ts';
import type { Answer, Json } from '../provider/server.ts';
import { saying } from '../row-checks.ts';

const URLS = [1, 2].map((n) => `https://weather.example/${n}`);
const citation = (url: string) => ({
  type: 'url_citation',
  url_citation: { url, title: url, start_index: 0, end_index: 4 },
});
const audio = (more: Json) => chunk({ audio: more });

const ANSWERS: Record<string, { answer: Answer; row: Json }> = {
  'a spoken answer, whole': {
    answer: {
      json: completion({
        content: null,
        audio: { id: 'audio_1', data: 'AAAABBBB', transcript: ANSWER, expires_at: 5 },
      }),
    },
    row: saying(ANSWER),
  },
  'a spoken answer, streamed': {
    answer: {
      events: [
        chunk({ role: 'assistant', audio: { id: 'audio_1', transcript: 'It is ' } }),
        audio({ transcript: 'warm.' }),
        audio({ data: 'AAAA' }),
        audio({ data: 'BBBB' }),
        chunk({ audio: { expires_at: 5 } }, 'stop'),
        '[DONE]',
      ],
    },
    row: saying(ANSWER),
  },
  'sources of a search, whole': {
    answer: { json: completion({ content: 'Warm.', annotations: URLS.map(citation) }) },
    row: { content: 'Warm.', parts: saying(...URLS) },
  },
  'sources of a search, streamed': {
    answer: {
      events: [
        chunk({ role: 'assistant', content: 'Warm.' }),
        ...URLS.map((url) => chunk({ annotations: [citation(url)] })),
        chunk({}, 'stop'),
        '[DONE]',
      ],
    },
    row: { content: 'Warm.', parts: saying(...URLS) },
  },
};

const openai = Object.entries(ANSWERS).map(
  ([what, { answer, row }]): Program => ({
    name: `openai, ${what}`,
    packages: ['openai'],
    sets: ONE_SET,
    async run({ load, provider }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(() => answer);
      const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const stream = answer.events !== undefined;
      const answered = await client.chat.completions.create({ ...CHAT, stream });
      return stream ? listOf(answered) : answered;
    },
    rows: [{ table: 'completions', are: [row] }],
  }),
);

const quote = (cited_text: string) => ({
  type: 'citations_delta',
  citation: {
    type: 'char_location',
    cited_text,
    document_index: 0,
    document_title: 'Weather',
    start_char_index: 0,
    end_char_index: 9,
  },
});

const anthropic: Program = {
  name: 'Anthropic, two citations of one text, streamed',
  packages: ['@anthropic-ai/sdk'],
  async run({ load, provider }) {
    const { Anthropic } = await load('@anthropic-ai/sdk');
    const begun = { type: 'text', text: '', citations: [] };
    const said = { type: 'text_delta', text: 'Warm.' };
    const block = [begun, said, quote('first source'), quote('second source')];
    const { url } = await provider(() => ({ events: claudeEvents([block]), isNamed: true }));
    const client = new Anthropic({ apiKey: 'k', baseURL: url });
    return (await client.messages.stream(CLAUDE).finalMessage()).content;
  },
  rows: [
    {
      table: 'completions',
      are: [{ content: 'Warm.', parts: saying('first source', 'second source') }],
    },
  ],
};

export const programs: Program[] = [...openai, anthropic];
