/** What models think, in the forms of servers with OpenAI's API. It belongs to the answer. */

import { ONE_SET, type Program } from '../program.ts';
import { CHAT, chunk, completion, listOf, QUESTION } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { saying } from '../row-checks.ts';

const THOUGHT = 'Let me think.';
const PIECES = ['Let me ', 'think.'];
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const deepSeekUsage = { ...usage, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2 };
const detail = (text: string) => ({ type: 'reasoning.text', text, format: 'unknown', index: 0 });
const thinking = (text: string) => ({ type: 'thinking', thinking: [{ type: 'text', text }] });
const first = (more: Json) => chunk({ role: 'assistant', ...more });
const rest = (more: Json = {}) => [
  chunk({ content: 'Warm' }),
  chunk({ content: '.' }),
  chunk({}, 'stop', more),
];

const FORMS: Record<string, { streamed: Json[]; whole: Json }> = {
  'DeepSeek (reasoning_content)': {
    streamed: [
      first({ content: null, reasoning_content: '' }),
      ...PIECES.map((reasoning_content) => chunk({ content: null, reasoning_content })),
      ...rest({ usage: deepSeekUsage }),
    ],
    whole: completion({ content: 'Warm.', reasoning_content: THOUGHT }, { usage: deepSeekUsage }),
  },
  'OpenRouter (reasoning, reasoning_details)': {
    streamed: [
      ...PIECES.map((reasoning) =>
        first({ content: '', reasoning, reasoning_details: [detail(reasoning)] }),
      ),
      ...rest({ usage, provider: 'DeepInfra' }),
    ],
    whole: completion(
      { content: 'Warm.', reasoning: THOUGHT, reasoning_details: [detail(THOUGHT)] },
      { usage, provider: 'DeepInfra' },
    ),
  },
  'Mistral (content of type thinking)': {
    streamed: [...PIECES.map((text) => first({ content: [thinking(text)] })), ...rest({ usage })],
    whole: completion({ content: [thinking(THOUGHT), { type: 'text', text: 'Warm.' }] }, { usage }),
  },
};

const answer = {
  role: 'assistant',
  content: 'Warm.',
  parts: saying(THOUGHT),
  finish_reason: 'stop',
  prompt_tokens: 10,
  completion_tokens: 5,
};

const forms = Object.entries(FORMS).flatMap(([form, { streamed, whole }]) => {
  const cached = form.startsWith('DeepSeek') ? { cached_tokens: 8 } : {};
  return [true, false].map(
    (stream): Program => ({
      name: `reasoning of ${form}, ${stream ? 'streamed' : 'whole'}`,
      packages: ['openai'],
      sets: ONE_SET,
      async run({ load, provider }) {
        const { OpenAI } = await load('openai');
        const { url } = await provider(() =>
          stream ? { events: [...streamed, '[DONE]'] } : { json: whole },
        );
        const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
        const answered = await openai.chat.completions.create({ ...CHAT, stream });
        return stream ? listOf(answered) : answered;
      },
      rows: [{ table: 'completions', are: [{ ...answer, ...cached }] }],
    }),
  );
});

const groq: Program = {
  name: 'reasoning of Groq',
  packages: ['groq-sdk'],
  sets: ONE_SET,
  async run({ load, provider, agensight }) {
    const { Groq } = await load('groq-sdk');
    const { url } = await provider(() => ({
      json: completion({ content: 'Warm.', reasoning: THOUGHT }, { usage }),
    }));
    const client = agensight.instrument(new Groq({ apiKey: 'k', baseURL: url }));
    return client.chat.completions.create(CHAT);
  },
  rows: [{ table: 'completions', are: [answer] }],
};

const earlier: Program = {
  name: 'reasoning of an earlier turn, in the next prompt',
  packages: ['openai'],
  sets: ONE_SET,
  async run({ load, provider }) {
    const { OpenAI } = await load('openai');
    const { url } = await provider(() => ({ json: completion({ content: 'Warm.' }) }));
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    const messages = [
      { role: 'user', content: QUESTION },
      { role: 'assistant', content: 'Warm.', reasoning_content: THOUGHT },
      { role: 'user', content: 'And tomorrow?' },
    ];
    return openai.chat.completions.create({ model: 'm', messages });
  },
  rows: [
    {
      table: 'prompts',
      have: [{ role: 'assistant', content: 'Warm.', parts: saying(THOUGHT) }],
    },
  ],
};

export const programs: Program[] = [...forms, groq, earlier];
