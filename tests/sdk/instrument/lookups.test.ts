import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { expect, it } from 'vitest';
import { instrument } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const part = { type: 'output_text', text: 'It is warm.', annotations: [] };
const response = (status: string, isDone: boolean, background: boolean): string =>
  JSON.stringify({
    id: 'resp_1',
    object: 'response',
    model: 'gpt-1',
    status,
    background,
    error: null,
    output: isDone ? [{ type: 'message', role: 'assistant', content: [part] }] : [],
    usage: isDone ? { input_tokens: 3, output_tokens: 2, total_tokens: 5 } : null,
  });

/** The records of a call and the lookups of its response, which the server returns in this order. */
async function recordedOf(answers: string[], background: boolean) {
  const server = createServer((_, reply) => {
    reply.writeHead(200, { 'content-type': 'application/json' }).end(answers.shift());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const openai = instrument(
    new OpenAI({ apiKey: 'k', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 }),
  );
  try {
    return await recorded(async () => {
      const { id } = await openai.responses.create({ model: 'gpt-1', input: 'Hi', background });
      while (answers.length > 0) await openai.responses.retrieve(id);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('completes a background response where it is retrieved, and counts its usage once', async () => {
  const answers = [
    response('queued', false, true),
    response('in_progress', false, true),
    response('completed', true, true),
    response('completed', true, true),
  ];
  const { completions } = await recordedOf(answers, true);
  expect(completions).toMatchObject([
    { content: 'It is warm.', response_id: 'resp_1', total_tokens: 5 },
    { content: 'It is warm.', response_id: 'resp_1' },
  ]);
  expect(completions[1]).not.toHaveProperty('total_tokens');
});

it('counts the usage of a response once, however often it is retrieved', async () => {
  const answers = Array.from({ length: 3 }, () => response('completed', true, false));
  const { completions } = await recordedOf(answers, false);
  expect(completions.map(({ total_tokens }) => total_tokens)).toEqual([5, undefined, undefined]);
});
