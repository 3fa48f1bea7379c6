import {
  currentSpan,
  flush,
  type InitOptions,
  init,
  OptionsError,
  type Session,
  type SpanOptions,
  shutdown,
  span,
  status,
  trace,
  tracer,
  tracerProvider,
  withSession,
} from 'agensight';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

// A wrapped function has exactly the type of the function.
async function ask(this: { base: string }, question: string, times = 1): Promise<string[]> {
  return Array.from({ length: times }, () => this.base + question);
}
function generic<T extends object>(value: T): T {
  return value;
}
function* numbers(): Generator<number, string, boolean> {
  const more = yield 1;
  return String(more);
}
same<typeof ask, ReturnType<typeof wrapAsk>>(true);
function wrapAsk() {
  return span('ask', ask);
}
const options: SpanOptions = { kind: 'tool', name: 'x' };
const wrapped = {
  generic: span(generic),
  named: span('numbers', numbers),
  curried: span(options)(numbers),
  traced: trace(
    { session: (request) => request.id, tags: ['a'] },
    (request: { id: string }) => request.id.length,
  ),
};
same<typeof wrapped.generic, typeof generic>(true);
same<typeof wrapped.named, typeof numbers>(true);
same<typeof wrapped.curried, typeof numbers>(true);
same<typeof wrapped.traced, (request: { id: string }) => number>(true);
const inferred: { a: number } = wrapped.generic({ a: 1 });

// @ts-expect-error: an unknown kind
span({ kind: 'robot' }, numbers);
// @ts-expect-error: an unknown option
init({ tokn: 'x' });
// @ts-expect-error: the session depends on something that is no argument
trace({ session: (request) => request.missing }, (request: { id: string }) => request.id);

const session: Session = { id: 's', name: 'n', user_id: 'u' };
const init1: InitOptions = { token: undefined, session };
init({ ...init1, enabled: false });
const pending: Promise<{ sent: number; pending: number }> = flush({ timeoutMillis: 1 });
const otel: import('@opentelemetry/api').Tracer = tracerProvider.getTracer('x');
const active: import('@opentelemetry/api').Span | undefined = currentSpan();
const seven: number = withSession('s', () => 7);
try {
  init({ mode: 'prod' });
} catch (error) {
  if (error instanceof OptionsError) void error.option;
}
void [inferred, pending, otel, active, seven, tracer, status(), shutdown];
