import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  currentSpan,
  extract,
  init,
  inject,
  shutdown,
  span,
  trace,
  withSession,
} from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import { SECRETS } from '../support/planted-secrets.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${SPAN}-01`;

/** The carrier as injected inside a traced function. */
async function injected<C extends object>(carrier: C, session: object = {}): Promise<C> {
  let result = carrier;
  const work = (): void => {
    result = inject(carrier);
  };
  await recorded(() => trace({ name: 't', ...session }, work)());
  return result;
}

describe('inject', () => {
  it.each<[string, object, (carrier: never) => unknown]>([
    ['an object', {}, (carrier: Record<string, string>) => carrier.traceparent],
    ['Headers', new Headers(), (carrier: Headers) => carrier.get('traceparent')],
    ['a Map', new Map(), (carrier: Map<string, string>) => carrier.get('traceparent')],
    [
      'a message of SQS',
      { QueueUrl: 'q', MessageBody: 'b' },
      (carrier: { MessageAttributes: Record<string, { StringValue: string }> }) =>
        carrier.MessageAttributes.traceparent?.StringValue,
    ],
    [
      'attributes of a message',
      { kind: { DataType: 'String', StringValue: 'x' } },
      (carrier: Record<string, { StringValue: string }>) => carrier.traceparent?.StringValue,
    ],
  ])('writes the current span into %s', async (_, carrier, read) => {
    expect(read((await injected(carrier)) as never)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('adds session and user to the baggage, percent-encoded', async () => {
    const session = { id: 'chat/1', name: 'Reise, früh', userId: 'ü=1' };
    const carrier = await injected({ Baggage: 'tenant=7;p=1, session.id=old' }, { session });
    expect(carrier.Baggage).toBe(
      'tenant=7;p=1,session.id=chat%2F1,user.id=%C3%BC%3D1,session.name=Reise%2C%20fr%C3%BCh',
    );
  });

  it('leaves out members beyond the limits of baggage, and keeps the session id', async () => {
    const session = { id: 's', name: 'n'.repeat(9_000) };
    const { baggage } = (await injected({}, { session })) as { baggage: string };
    expect(baggage).toBe('session.id=s');
  });

  it('adds nothing to a message with ten attributes, because SQS would refuse more', async () => {
    const attribute = { DataType: 'String', StringValue: 'x' };
    const full = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, attribute]));
    expect(Object.keys(await injected({ ...full }))).toHaveLength(10);
  });

  it('writes only the session without an open span', async () => {
    let headers = {};
    await recorded(() =>
      withSession('s', () => {
        headers = inject({});
      }),
    );
    expect(headers).toEqual({ baggage: 'session.id=s' });
  });

  it('redacts secrets', async () => {
    const secret = SECRETS['Anthropic key'] as string;
    const session = { id: secret, name: `of ${secret}`, userId: secret };
    expect(JSON.stringify(await injected({}, { session }))).not.toContain(secret.slice(10));
  });

  it('changes nothing while the SDK is not initialised, and no frozen carrier', async () => {
    expect(trace('t', () => inject({}))()).toEqual({});
    expect(await injected(Object.freeze({}))).toEqual({});
  });
});

describe('extract', () => {
  const callee = span('callee', async () => currentSpan()?.spanContext().traceId);

  const CARRIERS: [string, object][] = [
    ['an object', { traceparent: PARENT, baggage: 'session.id=s%201,user.id=u' }],
    ['other letters', { TraceParent: PARENT, BAGGAGE: 'session.id=s%201,user.id=u' }],
    ['Headers', new Headers({ traceparent: PARENT, baggage: 'session.id=s%201,user.id=u' })],
    [
      'headers that came twice',
      { traceparent: [PARENT], baggage: ['a=1;session.id=no', 'session.id=s%201;p', 'user.id=u'] },
    ],
    [
      'bytes, as of Kafka',
      { traceparent: Buffer.from(PARENT), baggage: Buffer.from('session.id=s%201,user.id=u') },
    ],
    [
      'a record of an SQS event',
      {
        body: '{}',
        messageAttributes: {
          traceparent: { dataType: 'String', stringValue: PARENT },
          baggage: { dataType: 'String', stringValue: 'session.id=s%201,user.id=u' },
        },
      },
    ],
    [
      'a message that SQS was asked for',
      {
        Body: '{}',
        MessageAttributes: {
          traceparent: { DataType: 'String', StringValue: PARENT },
          baggage: { DataType: 'String', StringValue: 'session.id=s%201,user.id=u' },
        },
      },
    ],
    [
      'a notification of SNS in a message',
      {
        MessageAttributes: {
          traceparent: { Type: 'String', Value: PARENT },
          baggage: { Type: 'String', Value: 'session.id=s%201,user.id=u' },
        },
      },
    ],
  ];

  it.each(CARRIERS)('continues the trace and the session of %s', async (_, carrier) => {
    const { spans, traces, sessions } = await recorded(() =>
      extract(carrier, async () => {
        await Promise.resolve();
        expect(await callee()).toBe(TRACE);
      }),
    );
    expect(spans[0]).toMatchObject({ trace_id: TRACE, parent_id: SPAN });
    expect(traces[0]).toMatchObject({ id: TRACE, session_id: 's 1', user_id: 'u' });
    // The process that started the trace records its name.
    expect(traces[0]).not.toHaveProperty('name');
    expect(sessions[0]).toMatchObject({ id: 's 1' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no object', 'traceparent'],
    ['no headers', {}],
    ['an empty header', { traceparent: '' }],
    ['zeros', { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }],
    ['no span', { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` }],
    ['capital letters', { traceparent: PARENT.toUpperCase() }],
    ['a forbidden version', { traceparent: PARENT.replace(/^00/, 'ff') }],
    ['more than version 00 may say', { traceparent: `${PARENT}-x` }],
    ['half of it', { traceparent: PARENT.slice(0, 40) }],
    ['a broken baggage', { baggage: 'session.id=%E0%A4%A,=,;,,' }],
    ['an id that is none', { baggage: `session.id=${'x'.repeat(500)}` }],
    [
      'a proxy that refuses',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('refused');
          },
        },
      ),
    ],
  ])('ignores %s', async (_, carrier) => {
    const { spans, traces } = await recorded(() => extract(carrier as object, () => callee()));
    expect(spans).toHaveLength(1);
    expect(spans[0]?.trace_id).not.toBe(TRACE);
    expect(traces[0]).not.toHaveProperty('session_id');
  });

  it('accepts additional fields of a later version of the header', async () => {
    const later = { traceparent: `${PARENT.replace(/^00/, '01')}-more` };
    const { spans } = await recorded(() => extract(later, () => callee()));
    expect(spans[0]?.parent_id).toBe(SPAN);
  });

  it('propagates tracestate, and the remote parent without an open span', async () => {
    const given = { traceparent: PARENT, tracestate: 'vendor=1' };
    await recorded(() =>
      extract(given, () => {
        expect(inject({})).toEqual(given);
        const below = trace('t', () => inject({}))();
        expect(below).toMatchObject({ tracestate: 'vendor=1' });
        expect(below).not.toEqual(given);
      }),
    );
  });

  it('starts a new trace when `root` is true', async () => {
    const { traces } = await recorded(() =>
      extract({ traceparent: PARENT }, () => trace({ name: 'own', root: true }, () => 1)()),
    );
    expect(traces).toMatchObject([{ name: 'own' }]);
    expect(traces[0]?.id).not.toBe(TRACE);
  });

  it('runs the function with any headers, also while the SDK is not initialised', () => {
    expect(extract({ traceparent: PARENT }, () => 7)).toBe(7);
    init({ mode: 'prod', token: 't' });
    fc.assert(
      fc.property(fc.anything(), fc.string(), (anything, text) => {
        const carriers = [anything, { traceparent: text, baggage: text }, { baggage: anything }];
        return carriers.every((carrier) => extract(carrier as object, () => true));
      }),
    );
    return shutdown({ timeoutMillis: 0 });
  });
});
