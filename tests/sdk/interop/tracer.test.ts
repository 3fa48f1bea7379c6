import { context, trace as otel, ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { currentSpan, span, trace, tracer, tracerProvider } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

describe("the tracer with OpenTelemetry's API", () => {
  it('records name, attributes, events, links, status and times', async () => {
    const { spans, traces } = await recorded(() => {
      const list = ['before'];
      const one = tracerProvider.getTracer('lib', '1.0').startSpan('first', {
        attributes: { a: 1, list },
        startTime: [1_700_000_000, 5_000],
      });
      list[0] = 'after';
      one.updateName('renamed').setAttributes({ b: true });
      one.addEvent('event', { c: 'd' }, new Date(1_700_000_000_001));
      one.addLink({ context: { traceId: 'f'.repeat(32), spanId: 'e'.repeat(16), traceFlags: 1 } });
      one.setStatus({ code: SpanStatusCode.ERROR, message: 'bad' });
      one.end([1_700_000_001, 0]);
      one.setAttribute('late', 1);
      one.end();
    });
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      name: 'renamed',
      kind: 'span',
      status: 'error',
      error: { message: 'bad' },
      attributes: { a: 1, b: true, list: ['before'] },
      started_at: '2023-11-14T22:13:20.000005Z',
      ended_at: '2023-11-14T22:13:21.000000Z',
      events: [
        { name: 'event', time: '2023-11-14T22:13:20.001000Z', attributes: { c: 'd' } },
        { name: 'link', attributes: { trace_id: 'f'.repeat(32), span_id: 'e'.repeat(16) } },
      ],
    });
    expect(traces[0]).toMatchObject({ name: 'renamed', status: 'error' });
  });

  it('finds its parent among our spans, and is parent to them', async () => {
    const { spans } = await recorded(() =>
      trace('root', () => {
        tracer.startActiveSpan('active', (active) => {
          expect(currentSpan()).toBe(active);
          span('leaf', () => 1)();
          active.end();
        });
      })(),
    );
    const byName = Object.fromEntries(spans.map((one) => [one.name, one]));
    expect(byName.leaf?.parent_id).toBe(byName.active?.id);
    expect(byName.active?.parent_id).toBe(byName.root?.id);
  });

  it('returns the result of the callback and throws its error', async () => {
    await recorded(async () => {
      expect(tracer.startActiveSpan('a', {}, () => 7)).toBe(7);
      expect(tracer.startActiveSpan('a', {}, ROOT_CONTEXT, () => 8)).toBe(8);
      const failure = new Error('own');
      const fails = () =>
        tracer.startActiveSpan('a', () => {
          throw failure;
        });
      expect(fails).toThrow(failure);
    });
  });

  it('takes the parent from a given context', async () => {
    const { spans } = await recorded(() => {
      const parent = tracer.startSpan('parent');
      const given = otel.setSpan(ROOT_CONTEXT, parent);
      trace('elsewhere', () => tracer.startSpan('child', {}, given).end())();
      parent.end();
    });
    const byName = Object.fromEntries(spans.map((one) => [one.name, one]));
    expect(byName.child?.parent_id).toBe(byName.parent?.id);
  });

  it('continues a trace of another process, which records its name', async () => {
    const remote = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      isRemote: true,
    };
    const { spans, traces } = await recorded(() => {
      const given = otel.setSpanContext(ROOT_CONTEXT, remote);
      tracer.startSpan('handler', {}, given).end();
    });
    expect(spans[0]).toMatchObject({ trace_id: remote.traceId, parent_id: remote.spanId });
    expect(traces[0]).toMatchObject({ id: remote.traceId });
    expect(traces[0]).not.toHaveProperty('name');
  });

  it('prefers our open span to one of another tracer in this process', async () => {
    const foreign = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    const { spans } = await recorded(() =>
      trace('root', () => {
        tracer.startSpan('child', {}, otel.setSpanContext(ROOT_CONTEXT, foreign)).end();
      })(),
    );
    expect(new Set(spans.map(({ trace_id }) => trace_id)).size).toBe(1);
  });

  it('starts a new trace for a root span', async () => {
    const { traces } = await recorded(() =>
      trace('outer', () => tracer.startSpan('own', { root: true }).end())(),
    );
    expect(traces).toHaveLength(2);
  });

  it('records the last exception as the error of the span, and earlier ones as events', async () => {
    const { spans } = await recorded(() => {
      const one = tracer.startSpan('one');
      one.recordException(new TypeError('first'));
      one.recordException(new Error('second'));
      one.end();
    });
    expect(spans[0]).toMatchObject({
      status: 'error',
      error: { type: 'Error', message: 'second' },
      events: [{ name: 'exception', attributes: { 'exception.message': 'first' } }],
    });
  });

  it('records both spans of a call that two nested instrumentations trace', async () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-asked',
      'gen_ai.usage.input_tokens': 11,
    };
    const { spans, completions } = await recorded(() =>
      tracer.startActiveSpan('outer', { attributes }, (outer) => {
        tracer.startSpan('inner', { attributes }).end();
        outer.end();
      }),
    );
    expect(spans).toHaveLength(2);
    // The database decides that they are one call.
    expect(completions).toMatchObject(Array(2).fill({ prompt_tokens: 11, model: 'gpt-asked' }));
  });

  it('records no content without captureContent', async () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-asked',
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"secret"}]}]',
    };
    const rows = await recorded(() => tracer.startSpan('call', { attributes }).end(), {
      captureContent: false,
    });
    expect(rows.prompts).toMatchObject([{ role: 'user', message_index: 0 }]);
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  it('records no error message of a tool without captureContent', async () => {
    const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' };
    const { tools, spans } = await recorded(
      () => {
        const call = tracer.startSpan('execute_tool search', { attributes });
        call.recordException(new TypeError('secret'));
        call.setStatus({ code: 2, message: 'secret' });
        call.end();
      },
      { captureContent: false },
    );
    expect(tools).toMatchObject([{ name: 'search', status: 'error' }]);
    expect(spans[0]?.error).toEqual({ type: 'TypeError' });
    expect(JSON.stringify([tools, spans])).not.toContain('secret');
  });

  it('is not registered globally', async () => {
    await recorded(() =>
      trace('root', () => {
        expect(otel.getActiveSpan()).toBeUndefined();
        expect(context.active()).toBe(ROOT_CONTEXT);
      })(),
    );
  });

  it('does nothing while the SDK is not initialised', () => {
    const one = tracer.startSpan('one');
    expect(one.isRecording()).toBe(false);
    one.setAttribute('a', 1).addEvent('e').end();
    expect(tracer.startActiveSpan('one', (active) => active)).toBe(one);
  });
});

describe('currentSpan', () => {
  it('sets attributes on the span of the running function', async () => {
    const { spans } = await recorded(() =>
      span('f', () => currentSpan()?.setAttribute('k', 'v'))(),
    );
    expect(spans[0]?.attributes).toEqual({ k: 'v' });
  });
});
