/** Calls of models that are no chat: images, speech, moderation, ranking, batches. */
import { describe, expect, it } from 'vitest';
import type { RecordLists } from '../../../wire/records.ts';
import { recorded } from '../support/edge.ts';
import { type Answer, json, Loopback } from './loopback.ts';

const provider = Loopback.forTests();

const post = (path: string, body: object, answer: Answer): Promise<RecordLists> => {
  provider.answers = [answer];
  return recorded(async () => void (await (await provider.post(path, body)).bytes()));
};
const upload = (path: string, form: FormData, answer: Answer): Promise<RecordLists> => {
  provider.answers = [answer];
  const request = { method: 'POST', body: form };
  return recorded(async () => void (await (await fetch(provider.url + path, request)).bytes()));
};
const get = (path: string, answer: Answer): Promise<RecordLists> => {
  provider.answers = [answer];
  return recorded(async () => void (await (await fetch(provider.url + path)).text()));
};
const typed =
  (type: string, body: string | Uint8Array): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': type });
    response.end(body);
  };

const audio = new File([new Uint8Array(2_000)], 'question.mp3', { type: 'audio/mpeg' });
const picture = new File([new Uint8Array(3_000)], 'sun.png', { type: 'image/png' });
const form = (fields: Record<string, string | File | File[]>): FormData => {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) for (const one of value) made.append(`${name}[]`, one);
    else made.append(name, value);
  }
  return made;
};
const usage = { input_tokens: 12, output_tokens: 34, total_tokens: 46 };
const tokens = { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 };
const image = 'iVBORw0K'.repeat(100);

describe('images', () => {
  it('are described and counted, without their bytes', async () => {
    const answer = json({ created: 1, data: [{ b64_json: image }], usage });
    const request = { model: 'gpt-image-1', prompt: 'A sun' };
    const rows = await post('/v1/images/generations', request, answer);
    expect(rows.spans).toMatchObject([
      { kind: 'llm', name: 'image_generation gpt-image-1', status: 'ok' },
    ]);
    expect(rows.prompts).toMatchObject([{ role: 'user', content: 'A sun' }]);
    expect(rows.completions).toMatchObject([{ parts: [{ type: 'image', bytes: 600 }], ...tokens }]);
    expect(JSON.stringify(rows)).not.toContain(image);
  });

  it('that are edited are files beside the text of a message', async () => {
    const answer = json({ created: 1, data: [{ b64_json: image }], usage });
    const body = form({ model: 'gpt-image-1', prompt: 'More sun', image: [picture, picture] });
    const rows = await upload('/v1/images/edits', body, answer);
    const file = { type: 'image', media_type: 'image/png', name: 'sun.png', bytes: 3_000 };
    expect(rows.prompts).toMatchObject([
      { role: 'user', content: 'More sun', parts: [{ text: 'More sun' }, file, file] },
    ]);
    expect(rows.completions).toMatchObject([tokens]);
  });

  it('of Google are predictions', async () => {
    const answer = json({ predictions: [{ bytesBase64Encoded: image, mimeType: 'image/png' }] });
    const path = '/v1beta/models/imagen-4:predict';
    const rows = await post(path, { instances: [{ prompt: 'A sun' }] }, answer);
    expect(rows.completions).toMatchObject([
      { model: 'imagen-4', parts: [{ type: 'image', media_type: 'image/png', bytes: 600 }] },
    ]);
  });

  it('are told apart from embeddings, which Vertex AI predicts, too', async () => {
    const embedding = { embeddings: { values: [0.1], statistics: { token_count: 5 } } };
    const path = '/v1/projects/p/locations/l/publishers/google/models/text-embedding-5:predict';
    const body = { instances: [{ content: 'a' }] };
    const rows = await post(path, body, json({ predictions: [embedding, embedding] }));
    expect(rows.spans).toMatchObject([{ kind: 'embedding' }]);
    expect(rows.completions).toMatchObject([{ prompt_tokens: 10 }]);
  });
});

describe('speech', () => {
  it('has the text that is spoken, and the size of what was said', async () => {
    const answer = typed('audio/mpeg', new Uint8Array(1_234));
    const request = { model: 'tts-1', voice: 'alloy', input: 'It is warm.' };
    const rows = await post('/v1/audio/speech', request, answer);
    expect(rows.spans).toMatchObject([{ kind: 'llm', name: 'speech tts-1', status: 'ok' }]);
    expect(rows.prompts).toMatchObject([{ content: 'It is warm.' }]);
    expect(rows.completions).toMatchObject([
      { parts: [{ type: 'audio', media_type: 'audio/mpeg', bytes: 1_234 }] },
    ]);
  });

  it.each([
    ['JSON', json({ text: 'It is warm.', usage: { type: 'tokens', ...usage } }), tokens],
    ['JSON without usage', json({ text: 'It is warm.' }), {}],
    ['plain text', typed('text/plain', 'It is warm.'), {}],
  ])('that is transcribed is a text: %s', async (_, answer, counted) => {
    const body = form({ model: 'gpt-4o-transcribe', file: audio });
    const rows = await upload('/v1/audio/transcriptions', body, answer);
    expect(rows.spans).toMatchObject([{ kind: 'llm', name: 'transcription gpt-4o-transcribe' }]);
    expect(rows.prompts).toMatchObject([
      { parts: [{ type: 'audio', media_type: 'audio/mpeg', bytes: 2_000 }] },
    ]);
    expect(rows.completions).toMatchObject([{ content: 'It is warm.', ...counted }]);
  });

  it('has an error if the server refuses it', async () => {
    const body = form({ model: 'whisper-1', file: audio });
    const answer = json({ error: { message: 'too long' } }, 400);
    const { spans } = await upload('/v1/audio/translations', body, answer);
    expect(spans).toMatchObject([{ status: 'error', error: { message: '400 too long' } }]);
  });
});

it('moderation is a call, whose model may be the default', async () => {
  const categories = { violence: false };
  const answer = json({ id: 'modr_1', model: 'omni', results: [{ flagged: false, categories }] });
  const rows = await post('/v1/moderations', { input: 'Hello' }, answer);
  expect(rows.prompts).toMatchObject([{ content: 'Hello' }]);
  expect(rows.completions).toMatchObject([
    { model: 'omni', parts: [{ type: 'moderation', flagged: false }] },
  ]);
});

it.each([
  ['/v2/rerank', { results: [{ index: 1, relevance_score: 0.9 }], id: 'r' }],
  ['/v1/rerank', { object: 'list', data: [{ index: 1, relevance_score: 0.9 }] }],
])('a ranking is a retrieval: %s', async (path, answer) => {
  const request = { model: 'rerank-4', query: 'warm', documents: ['cold', 'hot'] };
  const given = { ...answer, usage: { total_tokens: 9 } };
  const { spans, completions } = await post(path, request, json(given));
  expect(spans).toMatchObject([
    {
      kind: 'retriever',
      name: 'rerank rerank-4',
      input: { query: 'warm' },
      output: [{ index: 1 }],
      attributes: { 'gen_ai.usage.input_tokens': 9 },
    },
  ]);
  expect(completions).toHaveLength(0);
});

describe('a batch', () => {
  it('has its state when it begins, and no completion', async () => {
    const answer = json({ id: 'batch_1', object: 'batch', status: 'validating' });
    const request = { input_file_id: 'file_1', endpoint: '/v1/responses' };
    const { spans, completions } = await post('/v1/batches', request, answer);
    expect(spans).toMatchObject([
      { name: 'batch', attributes: { 'gen_ai.batch.status': 'validating' } },
    ]);
    expect(completions).toHaveLength(0);
  });

  it('of OpenAI has its usage once, when it is completed', async () => {
    const begun = { id: 'batch_7', object: 'batch', status: 'in_progress' };
    const path = '/v1/batches/batch_7';
    expect((await get(path, json(begun))).spans).toHaveLength(0);
    const done = json({ ...begun, status: 'completed', usage });
    expect((await get(path, done)).completions).toMatchObject([tokens]);
    const [again] = (await get(path, done)).completions;
    expect(again?.total_tokens ?? null).toBeNull();
  });

  it('of Anthropic has a completion for each result, and the sum of their usage', async () => {
    const message = (id: string, text: string) => ({
      id,
      type: 'message',
      role: 'assistant',
      model: 'claude-served',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 3, output_tokens: 2 },
    });
    const lines = [
      { custom_id: 'a', result: { type: 'succeeded', message: message('msg_a', 'warm') } },
      { custom_id: 'b', result: { type: 'errored', error: { type: 'error' } } },
      { custom_id: 'c', result: { type: 'succeeded', message: message('msg_c', 'cold') } },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const path = '/v1/messages/batches/msgbatch_1/results';
    const { spans, completions } = await get(path, typed('application/binary', text));
    expect(spans).toMatchObject([
      { attributes: { 'gen_ai.batch.request_counts': { answered: 2, failed: 1 } } },
    ]);
    expect(completions).toMatchObject([
      { content: 'warm', response_id: 'msg_a', prompt_tokens: 6, completion_tokens: 4 },
      { content: 'cold', response_id: 'msg_c' },
    ]);
  });
});

it.each([
  ['/v1/moderations', { input: 'a' }, { ok: true }],
  ['/batches', { file: 'a' }, { ok: true }],
  ['/rerank', { model: 'm', query: 'a' }, { results: [] }],
])('a request of another application is no call: %s', async (path, body, answer) => {
  expect((await post(path, body, json(answer))).spans).toHaveLength(0);
});
