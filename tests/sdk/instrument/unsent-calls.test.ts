/** Calls that end before a request is made: aborted already, or refused by the client itself. */
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, it } from 'vitest';
import { flush, instrument, span, trace } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import {
  anthropic,
  claude,
  gpt,
  openai,
  patched,
  serveProviders,
  server,
} from '../support/provider-clients.ts';

serveProviders();

const aborted = () => ({ signal: AbortSignal.abort() });
const endless = { ...claude, max_tokens: 10_000_000 };
const bedrock = (): BedrockRuntimeClient =>
  instrument(
    new BedrockRuntimeClient({
      region: 'us-east-1',
      endpoint: server.url,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
  );
const converse = new ConverseCommand({
  modelId: 'amazon.nova',
  messages: [{ role: 'user', content: [{ text: 'How warm is it?' }] }],
});

/** What a call throws, in its turn or later. */
const failing = (call: () => unknown) => async (): Promise<unknown> => {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

describe('a call that ends before its request', () => {
  const calls: [string, () => unknown, string][] = [
    [
      'of a patched client, aborted',
      () => patched(openai()).chat.completions.create(gpt, aborted()),
      'APIUserAbortError',
    ],
    [
      'of a patched client, refused by it',
      () => patched(anthropic()).messages.create(endless),
      'AnthropicError',
    ],
    [
      'of a client of the AWS SDK, aborted',
      () => bedrock().send(converse, { abortSignal: AbortSignal.abort() }),
      'AbortError',
    ],
    [
      'of a client of the AWS SDK, refused by it',
      () => bedrock().send(new ConverseCommand({ ...converse.input, modelId: undefined })),
      'Error',
    ],
    [
      'in a wrapped function',
      () =>
        span({ name: 'ask', kind: 'llm' }, (body: typeof gpt) =>
          openai().chat.completions.create(body, aborted()),
        )(gpt),
      'APIUserAbortError',
    ],
  ];

  it.each(calls)('is a failed span with its messages: %s', async (_, call, type) => {
    let thrown: unknown;
    const { spans, prompts, completions } = await recorded(async () => {
      thrown = await failing(call)();
    });
    const { message } = thrown as Error;
    expect(spans).toMatchObject([{ kind: 'llm', status: 'error', error: { type, message } }]);
    expect(prompts).toMatchObject([{ role: 'user', content: 'How warm is it?' }]);
    expect(completions).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  it('is not seen by the transport, and leaves nothing that is open', async () => {
    const { spans } = await recorded(async () => {
      await trace({ name: 'agent' }, async () => {
        await failing(() => openai().chat.completions.create(gpt, aborted()))();
        await failing(() => instrument(openai()).chat.completions.create(gpt, aborted()))();
        await failing(() => anthropic().messages.create(endless))();
        await failing(() =>
          fetch(`${server.url}/v1/chat/completions`, { method: 'POST', ...aborted() }),
        )();
      })();
      expect(await flush()).toMatchObject({ pending: 0 });
    });
    expect(spans).toMatchObject([{ name: 'agent', status: 'ok' }]);
  });
});
