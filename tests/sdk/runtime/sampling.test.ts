import { describe, expect, it } from 'vitest';
import {
  currentSpan,
  extract,
  init,
  inject,
  shutdown,
  span,
  startSpan,
  status,
  trace,
  tracer,
} from '../../../sdk/index.ts';
import { traceId } from '../../../sdk/platform/ids.ts';
import { isInSample } from '../../../sdk/runtime/sampling.ts';
import { recorded } from '../support/edge.ts';

describe('isInSample', () => {
  it.each([0, 0.1, 0.5, 0.9, 1])('samples about %d of all traces', (rate) => {
    const ids = Array.from({ length: 20_000 }, () => traceId(Date.now()));
    const taken = ids.filter((id) => isInSample(id, rate)).length / ids.length;
    expect(Math.abs(taken - rate)).toBeLessThan(0.02);
  });

  it('decides by the random part of the id, as OpenTelemetry does', () => {
    expect(isInSample('0'.repeat(18) + 'f'.repeat(14), 0.001)).toBe(true);
    expect(isInSample('f'.repeat(18) + '0'.repeat(14), 0.999)).toBe(false);
    expect(isInSample(`${'0'.repeat(18)}80000000000000`, 0.5)).toBe(true);
    expect(isInSample(`${'0'.repeat(18)}7fffffffffffff`, 0.5)).toBe(false);
  });

  it('includes a trace of a sample in all larger samples', () => {
    const ids = Array.from({ length: 2_000 }, () => traceId(Date.now()));
    const small = ids.filter((id) => isInSample(id, 0.1));
    expect(small.every((id) => isInSample(id, 0.2))).toBe(true);
  });
});

describe('a trace that is not in the sample', () => {
  const step = span('step', async (value: unknown) => value);
  const steps = span('steps', async function* () {
    yield await step(1);
  });

  it('runs, records neither itself nor spans below it, and is counted', async () => {
    const before = status();
    const { traces, spans } = await recorded(
      async () => {
        const work = trace('work', async () => {
          await step(1);
          for await (const _ of steps()) currentSpan()?.setAttribute('a', 1);
          tracer.startActiveSpan('otel', (open) => open.end());
          startSpan('by hand').end();
          throw new Error('also errors');
        });
        await expect(work()).rejects.toThrow('also errors');
      },
      { sampleRate: 0 },
    );
    expect([traces, spans]).toEqual([[], []]);
    const after = status();
    expect(after.unsampled - before.unsampled).toBeGreaterThanOrEqual(6);
    expect(after.created).toBe(before.created);
  });

  it('is not recorded by a generator that continues after the call', async () => {
    const { spans } = await recorded(
      async () => {
        for await (const _ of trace('all', steps)()) currentSpan();
      },
      { sampleRate: 0 },
    );
    expect(spans).toEqual([]);
  });

  it('propagates the decision to other services, with the same id', async () => {
    init({ mode: 'prod', token: 't', sampleRate: 0 });
    const headers = trace('work', () => [inject({}), span('x', () => inject({}))()])();
    await shutdown({ timeoutMillis: 0 });
    expect(headers[0]).toEqual({
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
    });
    expect(headers[1]).toEqual(headers[0]);
  });
});

describe('a trace that another process started', () => {
  const ID = '0af7651916cd43dd8448eb211c80319c';

  it.each([
    ['is recorded when it is there, whatever the rate', '01', 0, 1],
    ['is not recorded when it is not there', '00', 1, 0],
  ])('%s', async (_, flags, sampleRate, expected) => {
    const { spans } = await recorded(
      () =>
        extract({ traceparent: `00-${ID}-b7ad6b7169203331-${flags}` }, () =>
          trace('callee', () => 1)(),
        ),
      { sampleRate },
    );
    expect(spans).toHaveLength(expected);
  });
});
