import { describe, expect, it } from 'vitest';
import { instrument } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import {
  all,
  BY_HAND,
  called,
  gpt,
  openai,
  patched,
  serveProviders,
  server,
} from '../support/provider-clients.ts';

serveProviders();

describe('the client', () => {
  it('is not changed on Node, where the transport is tapped', async () => {
    const client = openai();
    const keys = (one: object): unknown => [Reflect.ownKeys(one), Object.getPrototypeOf(one)];
    const before = [client, client.chat.completions, client.responses].map(keys);
    const { completion } = await called(() =>
      instrument(client).chat.completions.create({ ...gpt, stream: false }),
    );
    expect(completion.content).toBe('It is 27 °C.');
    expect([client, client.chat.completions, client.responses].map(keys)).toEqual(before);
    expect(server.asked[0]?.body).toEqual({ ...gpt, stream: false });
  });

  it('is the same object when patched, and its results are those of the package', async () => {
    const client = openai();
    const plain = await client.chat.completions.create(gpt);
    expect(patched(client)).toBe(client);
    const promise = client.chat.completions.create(gpt);
    await recorded(async () => {
      const watched = client.chat.completions.create(gpt);
      expect(watched.constructor).toBe(promise.constructor);
      expect(await watched).toEqual(plain);
      expect((await watched)._request_id).toBe('req_1');
      const { request_id } = await client.chat.completions.create(gpt).withResponse();
      expect(request_id).toBe('req_1');
    }, BY_HAND);
  });

  it('works while the SDK is not initialised', async () => {
    const { choices } = await instrument(openai()).chat.completions.create(gpt);
    expect(choices[0]?.message.content).toBe('It is 27 °C.');
  });

  it('records a call once when it is instrumented and patched twice', async () => {
    const client = patched(instrument(patched(instrument(openai()))));
    const { rows } = await called(async () =>
      all(await client.chat.completions.create({ ...gpt, stream: true })),
    );
    expect(rows.completions).toHaveLength(1);
  });

  it('of another kind is not changed, and is reported', async () => {
    const warnings: string[] = [];
    await recorded(
      () => {
        const other = Object.freeze({ ask: () => 1 });
        expect(instrument(other)).toBe(other);
      },
      { ...BY_HAND, onWarning: ({ code }) => warnings.push(code) },
    );
    expect(warnings).toEqual(['instrument']);
  });
});
