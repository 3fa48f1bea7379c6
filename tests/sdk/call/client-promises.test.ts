/** A promise of a provider's client has several results; each is what it is without the SDK. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const ANSWER = {
  id: 'r_1',
  model: 'm-1',
  choices: [{ message: { role: 'assistant', content: 'warm' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2 },
};

type Parse = (response: Response) => Promise<unknown>;

/** As in the clients of OpenAI and Anthropic: the request is sent once, and parsed when asked for. */
class ClientPromise extends Promise<unknown> {
  responsePromise: Promise<Response>;
  parseResponse: Parse;
  parsedPromise: Promise<unknown> | undefined;

  constructor(request: Promise<Response>, parse: Parse) {
    super((resolve) => resolve(null));
    this.responsePromise = request;
    this.parseResponse = parse;
  }
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
  parse(): Promise<unknown> {
    this.parsedPromise ??= this.responsePromise.then((response) => this.parseResponse(response));
    return this.parsedPromise;
  }
  asResponse(): Promise<Response> {
    return this.responsePromise.then((response) => response);
  }
  async withResponse(): Promise<{ data: unknown; response: Response }> {
    const [data, response] = await Promise.all([this.parse(), this.asResponse()]);
    return { data, response };
  }
  _thenUnwrap(transform: (value: unknown) => unknown): ClientPromise {
    return new ClientPromise(this.responsePromise, async (response) =>
      transform(await this.parseResponse(response)),
    );
  }
  // biome-ignore lint/suspicious/noThenProperty: the clients do so
  override then<A, B>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((thrown: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.parse().then(onFulfilled, onRejected) as Promise<A | B>;
  }
  override catch<B>(onRejected?: ((thrown: unknown) => B) | null): Promise<unknown> {
    return this.parse().catch(onRejected);
  }
  override finally(onFinally?: (() => void) | null): Promise<unknown> {
    return this.parse().finally(onFinally);
  }
}

/** As since openai 7.5: methods of the instance that hold the request itself. */
function closed(request: Promise<Response>, parse: Parse): ClientPromise {
  const promise = new ClientPromise(request, parse);
  promise.withResponse = async () => ({ data: await promise, response: await request });
  promise._thenUnwrap = (transform) =>
    closed(request, async (response) => transform(await parse(response)));
  return promise;
}

const parse: Parse = async (response) => {
  if (!response.ok) throw new RangeError(`status ${response.status}`);
  return response.json();
};
/** A network failure or an error of the server, both as the clients report them. */
const failing = (): Promise<Response> => Promise.reject(new RangeError('429'));
const answering = (): Promise<Response> => Promise.resolve(Response.json(ANSWER));

const MAKERS = {
  'methods of the class': (request: Promise<Response>) => new ClientPromise(request, parse),
  'methods of the instance': (request: Promise<Response>) => closed(request, parse),
};

const said = (value: unknown): unknown => (value as typeof ANSWER).choices[0]?.message.content;

type Read = (pending: ClientPromise) => Promise<unknown>;

/** Every way to a result, and several of them from one promise. */
const READS: Record<string, Read> = {
  await: async (pending) => said(await pending),
  'await, twice': async (pending) => {
    const first = await pending;
    return first === (await pending);
  },
  // biome-ignore lint/suspicious/noThenProperty: it is the name of a method
  then: (pending) => pending.then(said),
  catch: async (pending) => said(await pending.catch((thrown) => Promise.reject(thrown))),
  finally: async (pending) => said(await pending.finally(() => {})),
  parse: async (pending) => said(await pending.parse()),
  asResponse: async (pending) => (await (await pending.asResponse()).text()).length,
  'asResponse, read': async (pending) => said(await (await pending.asResponse()).json()),
  withResponse: async (pending) => {
    const { data, response } = await pending.withResponse();
    return [said(data), response.status];
  },
  _thenUnwrap: (pending) => pending._thenUnwrap(said),
  '_thenUnwrap, then the answer': async (pending) => [
    await pending._thenUnwrap(() => 'unwrapped').catch((thrown) => `${thrown}`),
    await pending.asResponse().then(({ status }) => status),
  ],
  'asResponse, then the answer': async (pending) => {
    const { status } = await pending.asResponse();
    return [status, said(await pending)];
  },
  'asResponse and the answer at once': async (pending) => {
    const [response, answer] = await Promise.all([pending.asResponse(), pending]);
    return [response.status, said(answer)];
  },
  'asResponse, then withResponse': async (pending) => {
    const first = await pending.asResponse();
    const { data, response } = await pending.withResponse();
    return [said(data), response === first];
  },
  'the answer, then asResponse': async (pending) => {
    const answer = await pending;
    const response = await pending.asResponse();
    return [said(answer), response.bodyUsed];
  },
  'a handled and a dropped result': async (pending) => {
    void pending.parse();
    return said(await pending);
  },
};

/** What a program sees: a result or an error, and how many rejections nobody handled. */
async function seen(make: () => unknown, read: Read): Promise<unknown> {
  let unhandled = 0;
  const count = (): void => {
    unhandled += 1;
  };
  process.on('unhandledRejection', count);
  onTestFinished(() => void process.off('unhandledRejection', count));
  const result = await read(make() as ClientPromise).catch((thrown: Error) => `${thrown}`);
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', count);
  return { result, unhandled };
}

const CASES = Object.entries(MAKERS).flatMap(([maker, make]) =>
  Object.entries(READS).flatMap(([name, read]) => [
    { maker, name, outcome: 'answers', make: () => make(answering()), read },
    { maker, name, outcome: 'fails', make: () => make(failing()), read },
  ]),
);

describe("a client's promise", () => {
  it.each(CASES)(
    'with $maker that $outcome gives the same by $name',
    async ({ make, read, outcome }) => {
      const without = await seen(make, read);
      const { spans } = await recorded(async () => {
        expect(await seen(span('ask', make), read)).toEqual(without);
      });
      expect(spans[0]).toMatchObject({ status: outcome === 'fails' ? 'error' : 'ok' });
    },
  );

  it.each(Object.keys(MAKERS) as (keyof typeof MAKERS)[])(
    'with %s is recorded once',
    async (maker) => {
      const { completions, spans } = await recorded(async () => {
        const pending = span({ name: 'ask', kind: 'llm' }, () => MAKERS[maker](answering()))();
        await pending.asResponse();
        await pending.withResponse();
        await pending;
      });
      expect(spans).toHaveLength(1);
      expect(completions).toMatchObject([{ content: 'warm', prompt_tokens: 3 }]);
    },
  );

  it('that nobody reads is left alone', async () => {
    await recorded(async () => {
      const request = failing();
      const pending = span('ask', () => new ClientPromise(request, parse))();
      expect(pending.responsePromise).toBe(request);
      expect(Object.keys(pending).sort()).toEqual([
        'parseResponse',
        'parsedPromise',
        'responsePromise',
      ]);
      await expect(request).rejects.toThrow('429');
    });
  });
});
