/** Observables: what runs when somebody subscribes belongs to the span of the function. */
import {
  concatMap,
  from,
  interval,
  lastValueFrom,
  map,
  Observable,
  of,
  Subject,
  take,
  throwError,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { currentSpan, span, trace } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const ask = span('ask', async (city: string) => `${city}: warm`);
const answers = trace('answers', () => from(['A', 'B']).pipe(concatMap(ask)));

describe('an observable', () => {
  it('is the same, and ends its span when it completes, in one trace', async () => {
    const { spans, traces } = await recorded(async () => {
      const observable = answers();
      expect(observable).toBeInstanceOf(Observable);
      const last = await lastValueFrom(observable.pipe(map((text) => text.toUpperCase())));
      expect(last).toBe('B: WARM');
    });
    const root = spans.find(({ name }) => name === 'answers');
    expect(traces).toHaveLength(1);
    expect(root).toMatchObject({ status: 'ok', output: ['A: warm', 'B: warm'] });
    expect(spans.filter(({ parent_id }) => parent_id === root?.id)).toHaveLength(2);
  });

  it.each<[string, (source: Observable<string>, seen: unknown[]) => void]>([
    ['a function', (source, seen) => source.subscribe((value) => seen.push(value))],
    [
      'an observer',
      (source, seen) =>
        source.subscribe({
          next(value) {
            seen.push(value, this === undefined);
          },
          complete: () => seen.push('complete'),
        }),
    ],
    [
      'another subject',
      (source, seen) => {
        const subject = new Subject<string>();
        subject.subscribe((value) => seen.push(value));
        source.subscribe(subject);
      },
    ],
    ['nothing', (source) => source.subscribe()],
  ])('gives %s what it gives without the SDK', async (_, subscribe) => {
    const without: unknown[] = [];
    subscribe(of('a', 'b'), without);
    const { spans } = await recorded(() => {
      const seen: unknown[] = [];
      subscribe(span('values', () => of('a', 'b'))(), seen);
      expect(seen).toEqual(without);
    });
    expect(spans[0]).toMatchObject({ status: 'ok', output: ['a', 'b'] });
  });

  it('that fails ends its span with the error', async () => {
    const { spans } = await recorded(async () => {
      const failing = span('values', () => throwError(() => new RangeError('too warm')));
      await expect(lastValueFrom(failing())).rejects.toThrow('too warm');
    });
    expect(spans[0]).toMatchObject({ status: 'error', error: { type: 'RangeError' } });
  });

  it('that is left ends its span, and stops its source', async () => {
    let stopped = 0;
    const endless = span(
      'ticks',
      () =>
        new Observable<number>((subscriber) => {
          const inner = interval(1).subscribe(subscriber);
          return () => {
            stopped += 1;
            inner.unsubscribe();
          };
        }),
    );
    const { spans } = await recorded(async () => {
      await lastValueFrom(endless().pipe(take(2)));
      const subscription = endless().subscribe();
      subscription.unsubscribe();
    });
    expect(stopped).toBe(2);
    expect(spans.map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it('runs its observer in the context of the subscriber', async () => {
    await recorded(() =>
      trace('outer', () => {
        const outer = currentSpan();
        let inside: unknown;
        span('values', () => of(1))().subscribe(() => {
          inside = currentSpan();
        });
        expect(inside).toBe(outer);
      })(),
    );
  });
});
