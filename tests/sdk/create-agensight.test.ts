import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Agensight,
  createAgensight,
  currentSpan,
  flush,
  type InitOptions,
  init,
  inject,
  OptionsError,
  shutdown,
  span,
  startSpan,
  status,
  tracer,
  withSession,
} from '../../sdk/index.ts';
import { instances } from '../../sdk/runtime/runtime.ts';
import type { RecordLists } from '../../wire/records.ts';
import { Edge } from './support/edge.ts';
import {
  chat,
  chunks,
  events,
  json,
  Loopback,
  PATH,
  request,
  streamed,
} from './transport/loopback.ts';

const provider = Loopback.forTests();
const ask = async (): Promise<string> => (await provider.post(PATH, request)).text();

/** Two projects: the one that `init` configures, and that of an instance. */
let own: Edge;
let other: Edge;
let tenant: Agensight;

const optionsOf = ({ url }: Edge, token: string): InitOptions => ({
  name: token,
  mode: 'dev',
  token,
  endpoint: url,
  onWarning: () => undefined,
});

beforeEach(async () => {
  own = await new Edge().open();
  other = await new Edge().open();
  init(optionsOf(own, 'own'));
  tenant = createAgensight(optionsOf(other, 'tenant'));
});

afterEach(async () => {
  await tenant.shutdown({ timeoutMillis: 1_000 });
  await shutdown({ timeoutMillis: 1_000 });
  await Promise.all([own.close(), other.close()]);
});

async function both(): Promise<[RecordLists, RecordLists]> {
  await Promise.all([flush(), tenant.flush()]);
  return [own.records(), other.records()];
}

const namesOf = ({ spans }: RecordLists): unknown[] => spans.map(({ name }) => name).sort();

describe('an instance', () => {
  it('sends its records with its own token, and counts them alone', async () => {
    span('first', () => 1)();
    tenant.span('second', () => tenant.startSpan('third').end())();
    const before = status();
    const [first, second] = await both();
    expect([namesOf(first), namesOf(second)]).toEqual([['first'], ['second', 'third']]);
    expect(own.requests[0]?.headers.authorization).toBe('Bearer own');
    expect(other.requests[0]?.headers.authorization).toBe('Bearer tenant');
    expect(second.traces[0]).toMatchObject({ service_name: 'tenant' });
    const { sdk } = other.requests[0]?.batch ?? {};
    expect(sdk?.created).toBe(tenant.status().created);
    expect(sdk?.process_id).not.toBe(own.requests[0]?.batch.sdk?.process_id);
    expect(tenant.status()).toMatchObject({ created: 3, sent: 3, pending: 0 });
    expect(status().created).toBe(before.created);
  });

  it('has traces of its own inside those of another, at any depth', async () => {
    const innermost = span('d', () => 1);
    const inner = tenant.span('c', () => [innermost(), currentSpan()?.spanContext().spanId]);
    const outer = span('b', async () => {
      await Promise.resolve();
      return [inner(), currentSpan()?.spanContext().spanId];
    });
    await tenant.trace('a', outer)();
    const [mine, theirs] = await both();
    const by = (rows: RecordLists, name: string) => rows.spans.find((one) => one.name === name);
    expect([namesOf(mine), namesOf(theirs)]).toEqual([
      ['b', 'd'],
      ['a', 'c'],
    ]);
    expect(by(theirs, 'c')?.parent_id).toBe(by(theirs, 'a')?.id);
    expect(by(mine, 'd')?.parent_id).toBe(by(mine, 'b')?.id);
    expect(by(mine, 'b')?.parent_id ?? null).toBeNull();
    expect([mine.traces.length, theirs.traces.length]).toEqual([1, 1]);
    expect(mine.traces[0]?.id).not.toBe(theirs.traces[0]?.id);
    // The current span of an instance is its own innermost one.
    expect(by(theirs, 'c')?.output).toEqual([1, by(mine, 'b')?.id]);
  });

  it('takes no parent from another instance', async () => {
    const foreign = startSpan('mine');
    tenant.startSpan({ name: 'theirs', parent: foreign }).end();
    foreign.run(() => tenant.tracer.startSpan('otel').end());
    tenant.span('around', () => tracer.startSpan('own otel').end())();
    foreign.end();
    const [mine, theirs] = await both();
    expect(theirs.spans.map(({ parent_id }) => parent_id ?? null)).toEqual([null, null, null]);
    expect(namesOf(theirs)).toEqual(['around', 'otel', 'theirs']);
    expect(namesOf(mine)).toEqual(['mine', 'own otel']);
  });

  it('writes its own span to the headers of a request', () => {
    span('mine', () => {
      expect(tenant.inject({} as Record<string, string>).traceparent).toBeUndefined();
      tenant.span('theirs', () => {
        const [mine, theirs] = [inject({}), tenant.inject({})] as Record<string, string>[];
        expect(mine?.traceparent).toContain(currentSpan()?.spanContext().spanId);
        expect(theirs?.traceparent).toContain(tenant.currentSpan()?.spanContext().spanId);
        expect(mine?.traceparent).not.toBe(theirs?.traceparent);
      })();
    })();
  });

  it('takes the session that the program has set around it, and none of another trace', async () => {
    const theirs = tenant.span('theirs', () => 1);
    span('outer', () => withSession('set', theirs))();
    span('outer', () => {
      currentSpan();
      theirs();
    })();
    tenant.withSession(
      'their own',
      span('mine', () => theirs()),
    );
    const [, rows] = await both();
    expect(rows.traces.map(({ session_id }) => session_id ?? null)).toEqual([
      'set',
      null,
      'their own',
    ]);
  });

  it('is not made with an invalid option', () => {
    const before = instances.size;
    expect(() => createAgensight({ mode: 'prod', token: '' })).toThrow(OptionsError);
    expect(instances.size).toBe(before);
  });

  it('gives the program what it gave without it after its shutdown', async () => {
    const double = tenant.span('double', (value: number) => value * 2);
    await tenant.shutdown();
    expect(double(4)).toBe(8);
    expect(tenant.status()).toMatchObject({ enabled: false, pending: 0 });
    expect([...instances]).toHaveLength(1);
    tenant.init(optionsOf(other, 'again'));
    expect(double(5)).toBe(10);
    expect(namesOf((await both())[1])).toEqual(['double']);
  });
});

describe('a call that the transport records', () => {
  beforeEach(() => {
    provider.answers = [json(chat('It is warm.'))];
  });

  it('belongs to the instance whose span is the current one, and else to that of init', async () => {
    await tenant.span('agent', () => ask())();
    await span('agent', () => tenant.span('step', () => ask())())();
    await ask();
    const [mine, theirs] = await both();
    expect(namesOf(theirs)).toEqual(['agent', 'chat gpt-asked', 'chat gpt-asked', 'step']);
    expect(namesOf(mine)).toEqual(['agent', 'chat gpt-asked']);
    expect(theirs.completions).toHaveLength(2);
  });

  it('belongs to the only instance where init was not called', async () => {
    await shutdown();
    await ask();
    await tenant.flush();
    expect(namesOf(other.records())).toEqual(['chat gpt-asked']);
    const second = createAgensight(optionsOf(other, 'second'));
    await ask();
    await Promise.all([tenant.flush(), second.flush()]);
    expect(other.records().completions).toHaveLength(1);
    await second.shutdown();
  });

  it('is recorded by the options of its instance', async () => {
    tenant.init({ ...optionsOf(other, 'tenant'), autoInstrument: false });
    await tenant.span('agent', () => ask())();
    await span('agent', () => ask())();
    const [mine, theirs] = await both();
    expect(namesOf(theirs)).toEqual(['agent']);
    expect(namesOf(mine)).toEqual(['agent', 'chat gpt-asked']);
  });

  it('goes on when another instance shuts down', async () => {
    let write: ((text: string) => void) | undefined;
    const [first, ...rest] = chunks(['It is ', 'warm.']);
    provider.answers = [
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify(first)}\n\n`);
        write = (text) => response.end(text);
      },
    ];
    const response = await span('agent', () => provider.post(PATH, streamed))();
    await tenant.shutdown();
    write?.(rest.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''));
    await response.text();
    const [mine] = await both();
    expect(mine.completions).toMatchObject([{ content: 'It is warm.' }]);
    const call = mine.spans.find(({ kind }) => kind === 'llm');
    expect(call?.attributes).not.toHaveProperty('agensight.unfinished');
  });

  it('ends as unfinished when its own instance shuts down', async () => {
    provider.answers = [events(chunks(['It is ']).slice(0, 1), { end: false })];
    const { body } = await tenant.span('agent', () => provider.post(PATH, streamed))();
    await body?.getReader().read();
    await tenant.shutdown();
    const call = other.records().spans.find(({ kind }) => kind === 'llm');
    expect(call?.attributes).toMatchObject({ 'agensight.unfinished': true });
  });
});
