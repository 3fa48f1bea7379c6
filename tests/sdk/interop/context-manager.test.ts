import { context, createContextKey, trace as otel, ROOT_CONTEXT } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextManager, currentSpan, span, trace, tracerProvider } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

beforeAll(() => {
  context.setGlobalContextManager(contextManager);
  otel.setGlobalTracerProvider(tracerProvider);
});
afterAll(() => {
  context.disable();
  otel.disable();
});

const byName = (spans: readonly { name?: unknown }[]) =>
  Object.fromEntries(spans.map((one) => [one.name, one])) as Record<
    string,
    { id: string; parent_id?: string; trace_id: string }
  >;

describe('a program with our context manager registered', () => {
  it('has one tree of our spans and of spans activated by OpenTelemetry', async () => {
    const { spans } = await recorded(() =>
      trace('root', async () => {
        const middle = otel.getTracer('lib').startSpan('middle');
        await context.with(otel.setSpan(context.active(), middle), async () => {
          expect(otel.getActiveSpan()).toBe(middle);
          await Promise.resolve();
          await span('leaf', async () => {
            expect(otel.getActiveSpan()).toBe(currentSpan());
          })();
        });
        middle.end();
        expect(otel.getActiveSpan()).toBe(currentSpan());
      })(),
    );
    const named = byName(spans);
    expect(named.leaf?.parent_id).toBe(named.middle?.id);
    expect(named.middle?.parent_id).toBe(named.root?.id);
  });

  it('keeps context values across our spans and `await`', async () => {
    const key = createContextKey('colour');
    await recorded(() =>
      context.with(context.active().setValue(key, 'blue'), () =>
        span('f', async () => {
          await Promise.resolve();
          expect(context.active().getValue(key)).toBe('blue');
        })(),
      ),
    );
    expect(context.active().getValue(key)).toBeUndefined();
  });

  it('starts a new trace in the root context', async () => {
    const { traces } = await recorded(() =>
      trace('one', () => context.with(ROOT_CONTEXT, () => span('two', () => 1)()))(),
    );
    expect(traces).toHaveLength(2);
  });

  it('binds a function to a context', async () => {
    const key = createContextKey('colour');
    const bound = context.bind(
      context.active().setValue(key, 'red'),
      function (this: object, suffix: string) {
        return [this, `${context.active().getValue(key)}${suffix}`];
      },
    );
    const self = {};
    expect(bound.call(self, '!')).toEqual([self, 'red!']);
    expect(bound.length).toBe(1);
  });
});
