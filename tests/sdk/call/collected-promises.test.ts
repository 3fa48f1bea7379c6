/** A promise that is awaited may be garbage-collected before its answer arrives; its span waits for the answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const answer = (): object => ({ choices: [{ message: { role: 'assistant', content: 'warm' } }] });

type Send = () => Promise<unknown>;

/** As a query builder: it is sent when it is awaited. */
class Query {
  readonly #send: Send;
  constructor(send: Send) {
    this.#send = send;
  }
  // biome-ignore lint/suspicious/noThenProperty: query builders have one
  then<A, B>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((thrown: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#send().then(onFulfilled, onRejected) as Promise<A | B>;
  }
}

/** As the promises of provider clients: they hold their request, and nothing holds them. */
class ClientPromise extends Promise<unknown> {
  readonly send: Send;
  constructor(send: Send) {
    super((resolve) => resolve(null));
    this.send = send;
  }
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
  parse(): Promise<unknown> {
    return this.send();
  }
  asResponse(): Promise<unknown> {
    return this.send();
  }
  _thenUnwrap(transform: (value: unknown) => unknown): ClientPromise {
    const { send } = this;
    return new ClientPromise(async () => transform(await send()));
  }
  // biome-ignore lint/suspicious/noThenProperty: the clients do so
  override then<A, B>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((thrown: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.parse().then(onFulfilled, onRejected) as Promise<A | B>;
  }
}

it.each<[string, (send: Send) => PromiseLike<unknown>]>([
  ['a query', (send) => new Query(send)],
  ['a client promise', (send) => new ClientPromise(send)],
  [
    'what a client promise is unwrapped to',
    (send) => new ClientPromise(send)._thenUnwrap((one) => one),
  ],
])('%s', async (_, make) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const { spans, completions } = await recorded(async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const call = span({ name: 'ask', kind: 'llm' }, () => make(() => promise));
    const pending = (async () => await call())();
    for (let round = 0; round < 3; round++) {
      await pause(5);
      collectGarbage();
    }
    resolve(answer());
    expect(await pending).toEqual(answer());
  });
  expect(completions).toMatchObject([{ content: 'warm' }]);
  expect(spans).toMatchObject([{ status: 'ok' }]);
  expect(spans[0]?.attributes ?? {}).not.toHaveProperty('agensight.unfinished');
});
