import {
  type ActiveSpan,
  type ActiveTrace,
  currentSpan,
  currentTrace,
  extract,
  flush,
  type InitOptions,
  init,
  inject,
  type Mask,
  OptionsError,
  type Session,
  type SpanOptions,
  shutdown,
  span,
  startSpan,
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

// A trace's options may be functions of exactly the function's arguments.
trace(
  {
    userId: (request) => request.user,
    tags: (request) => [request.user],
    metadata: (request, depth) => ({ user: request.user, depth: depth.toFixed() }),
    environment: 'staging',
    release: () => null,
  },
  (request: { user: string }, depth: number) => request.user.length + depth,
);
// @ts-expect-error: tags are texts
trace({ tags: (request) => [request.size] }, (request: { size: number }) => request.size);

const step: ActiveSpan = startSpan({ name: 'step', kind: 'retriever', input: [1], parent: null });
const inside: Promise<number> = step.run(async () => 7);
step.setInput(1).setOutput(2).setAttribute('a', 1).recordError(new Error('x')).end();
const disposable: { [Symbol.dispose](): void } = step;
const around: ActiveTrace | undefined = currentTrace()?.setUser('u').addTags('a', 'b');
const headers: { accept: string } = inject({ accept: 'x' });
const out: number = extract(headers, () => 7);
const mask: Mask = (value, { kind, field }) =>
  kind === 'prompt' && field === 'content' ? null : value;
init({ mask, maskSecrets: true, sampleRate: 0.5, tags: ['a'], user_id: 'u', environment: 'x' });
// @ts-expect-error: there is no such kind of record
const wrong: Mask = (value, { kind }) => (kind === 'message' ? null : value);
void [inside, disposable, around, out, wrong];
