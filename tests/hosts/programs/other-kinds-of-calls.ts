/** Calls of models that are no chat, by the clients of their providers. */

import type { Program } from '../program.ts';
import { claude, text } from '../provider/anthropic.ts';
import type { Route } from '../provider/server.ts';
import { saying, some } from '../row-checks.ts';

const IMAGE = 'iVBORw0K'.repeat(100);
const USAGE = { input_tokens: 12, output_tokens: 34, total_tokens: 46 };
const TOKENS = { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 };

const openaiRoute: Route = ({ path, method, body }) => {
  if (path.includes('/audio/speech')) return { headers: AUDIO, bytes: Buffer.alloc(1_234) };
  if (path.includes('/audio/'))
    return { json: { text: 'It is warm.', usage: { type: 'tokens', ...USAGE } } };
  if (path.includes('/images'))
    return { json: { created: 1, data: [{ b64_json: IMAGE }], usage: USAGE } };
  if (path.includes('/moderations')) {
    const categories = { violence: false };
    return { json: { id: 'modr_1', model: 'omni', results: [{ flagged: false, categories }] } };
  }
  const batch = { id: 'batch_1', object: 'batch', endpoint: body.endpoint };
  if (method === 'POST') return { json: { ...batch, status: 'validating' } };
  return { json: { ...batch, status: 'completed', usage: USAGE } };
};
const AUDIO = { 'content-type': 'audio/mpeg' };

const file = (name: string, type: string) => new File([new Uint8Array(2_000)], name, { type });

const openai: Program = {
  name: 'openai, images, speech, transcription, moderation, batches',
  packages: ['openai'],
  async run({ load, provider }) {
    const { OpenAI } = await load('openai');
    const { url } = await provider(openaiRoute);
    const { audio, batches, images, moderations } = new OpenAI({
      apiKey: 'k',
      baseURL: `${url}/v1`,
    });
    const model = 'gpt-image-1';
    const picture = file('sun.png', 'image/png');
    const speech = await audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Warm.' });
    const recording = file('question.mp3', 'audio/mpeg');
    const begun = { input_file_id: 'file_1', endpoint: '/v1/responses', completion_window: '24h' };
    return [
      (await images.generate({ model, prompt: 'A sun' })).data.length,
      (await images.edit({ model, prompt: 'More', image: picture })).data.length,
      (await speech.arrayBuffer()).byteLength,
      (await audio.transcriptions.create({ model: 'gpt-4o-transcribe', file: recording })).text,
      (await audio.translations.create({ model: 'whisper-1', file: recording })).text,
      (await moderations.create({ input: 'Hello' })).results,
      (await batches.create(begun)).status,
      (await batches.retrieve('batch_1')).status,
    ];
  },
  rows: [
    {
      table: 'spans',
      are: [
        { name: 'image_generation gpt-image-1' },
        { name: 'image_generation gpt-image-1' },
        { name: 'speech tts-1' },
        { name: 'transcription gpt-4o-transcribe' },
        { name: 'translation whisper-1' },
        { name: 'moderation' },
        { name: 'batch' },
        { name: 'batch' },
      ].map((span) => ({ ...span, kind: 'llm', status: 'ok', ended_at: some })),
    },
    {
      table: 'prompts',
      have: [
        { content: 'A sun' },
        { content: 'More', parts: saying('sun.png', '2000') },
        { content: 'Warm.' },
        { parts: saying('question.mp3', 'audio/mpeg', '2000') },
        { content: 'Hello' },
      ],
    },
    {
      table: 'completions',
      have: [
        { parts: saying('image', '600'), ...TOKENS },
        { parts: saying('audio/mpeg', '1234') },
        { content: 'It is warm.', ...TOKENS },
        { parts: saying('moderation') },
        { response_id: 'batch_1', ...TOKENS },
      ],
    },
    { table: 'completions', none: saying(IMAGE) },
  ],
};

const results = (id: string): string => {
  const message = claude([text('It is warm.')], { id });
  return `${JSON.stringify({ custom_id: id, result: { type: 'succeeded', message } })}\n`;
};

const anthropic: Program = {
  name: 'Anthropic, a batch and its results',
  packages: ['@anthropic-ai/sdk'],
  async run({ load, provider }) {
    const { Anthropic } = await load('@anthropic-ai/sdk');
    const batch = { id: 'msgbatch_1', type: 'message_batch' };
    const { url } = await provider(({ path, method }) => {
      if (path.includes('/results'))
        return {
          headers: { 'content-type': 'application/x-jsonl' },
          bytes: Buffer.from(results('msg_a') + results('msg_b')),
        };
      const processing_status = method === 'POST' ? 'in_progress' : 'ended';
      const results_url = `${url}/v1/messages/batches/msgbatch_1/results`;
      return { json: { ...batch, processing_status, results_url } };
    });
    const { batches } = new Anthropic({ apiKey: 'k', baseURL: url }).messages;
    const params = { model: 'claude-sonnet-5', max_tokens: 9, messages: [] };
    const { id } = await batches.create({ requests: [{ custom_id: 'a', params }] });
    const ids = [];
    for await (const { custom_id } of await batches.results(id)) ids.push(custom_id);
    return ids;
  },
  rows: [
    {
      table: 'spans',
      are: [
        { kind: 'llm', status: 'ok' },
        { kind: 'llm', status: 'ok' },
      ],
    },
    {
      table: 'completions',
      are: [
        { response_id: 'msg_a', prompt_tokens: 6, completion_tokens: 4 },
        { response_id: 'msg_b', prompt_tokens: null },
      ],
    },
  ],
};

const google: Program = {
  name: 'Gemini, a batch',
  packages: ['@google/genai'],
  async run({ load, provider }) {
    const { GoogleGenAI } = await load('@google/genai');
    const { url } = await provider(() => ({
      json: { name: 'batches/b1', metadata: { name: 'batches/b1', state: 'BATCH_STATE_PENDING' } },
    }));
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } });
    const src = [{ contents: [{ role: 'user', parts: [{ text: 'How warm is it?' }] }] }];
    return (await client.batches.create({ model: 'gemini-2.5-pro', src })).name;
  },
  rows: [
    {
      table: 'spans',
      are: [
        {
          kind: 'llm',
          name: 'batch gemini-2.5-pro',
          attributes: { 'gen_ai.batch.status': 'BATCH_STATE_PENDING' },
        },
      ],
    },
    { table: 'completions', are: [] },
  ],
};

const cohere: Program = {
  name: 'Cohere, a ranking',
  packages: ['cohere-ai'],
  async run({ load, provider }) {
    const { CohereClientV2 } = await load('cohere-ai');
    const { url } = await provider(() => ({
      json: {
        id: 'r_1',
        results: [{ index: 1, relevance_score: 0.9 }],
        meta: { billed_units: { search_units: 1 } },
      },
    }));
    const client = new CohereClientV2({ token: 'k', environment: url });
    const documents = ['cold', 'hot'];
    return (await client.rerank({ model: 'rerank-v4', query: 'warm', documents })).results;
  },
  rows: [
    {
      table: 'spans',
      are: [{ kind: 'retriever', name: 'rerank rerank-v4', output: saying('0.9') }],
    },
  ],
};

export const programs: Program[] = [openai, anthropic, google, cohere];
