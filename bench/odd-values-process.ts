/** Processor time of recording one odd value, in a process of its own, and of `JSON.stringify` for comparison. */
export interface Odd {
  readonly name: string;
  readonly millis: number;
  readonly stringifyMillis: number;
}

const many = <T>(item: T, count = 1_000_000): T[] => Array.from({ length: count }, () => item);
const keys = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
const part = { type: 'text', text: 'x' };
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };

const VALUES: Record<string, () => unknown> = {
  'a text of 50 MB': () => Buffer.alloc(50_000_000, 'x y ').toString('latin1'),
  'base64 of 30 MB in an object': () => ({
    image: Buffer.alloc(22_500_000, 7).toString('base64'),
  }),
  'an error message of 10 MB': () => new Error('x '.repeat(5_000_000)),
  'a chat completion of 50 MB': () => ({
    choices: [{ message: { content: Buffer.alloc(50_000_000, 'x y ').toString('latin1') } }],
  }),
  'a million choices': () => ({ choices: many({ message: { content: 'x' } }) }),
  'a million messages': () => many({ role: 'user', content: 'x' }),
  'a million parts of one message': () => [{ role: 'user', content: many(part) }],
  'a million tool calls of one choice': () => ({
    choices: [{ message: { tool_calls: many(call) } }],
  }),
  'a map of a million': () => new Map(Array.from({ length: 1_000_000 }, (_, n) => [n, n])),
  'an object of 100,000 keys': () => keys(100_000),
  'an object of a million keys': () => keys(1_000_000),
};

const BIG_BODIES: Record<string, () => string> = {
  'a request of 64 MB with images': () =>
    JSON.stringify({ messages: many({ content: 'A'.repeat(16_000_000) }, 4) }),
  'a request of 20 MB of numbers': () => JSON.stringify({ input: many(1_234_567, 2_500_000) }),
};

const { init, span }: typeof import('../sdk/index.ts') = await import(
  new URL('../dist/agensight.js', import.meta.url).href
);
const { RequestBody } = await import('../sdk/transport/request-body.ts');

const ROUNDS = 3;

/** The least of some rounds: the first one compiles. */
function cost(work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

init({ mode: 'dev', token: 'bench', endpoint: 'http://127.0.0.1:9', log: 'silent' });
span('warm', (value: unknown) => value)({ a: [1, 'x'] });

const results: Odd[] = [];
for (const [name, make] of Object.entries(VALUES)) {
  const value = make();
  const stringifyMillis = cost(() => void JSON.stringify(value));
  const returned = span(name, () => value);
  const given = span({ name, kind: 'llm' }, (_: unknown) => 1);
  const thrown = span(name, () => {
    throw value;
  });
  const works = [
    () => void returned(),
    () => void given(value),
    () => {
      try {
        thrown();
      } catch {
        // The value itself.
      }
    },
  ];
  results.push({ name, stringifyMillis, millis: Math.max(...works.map(cost)) });
}
for (const [name, make] of Object.entries(BIG_BODIES)) {
  const bytes = Buffer.from(make());
  const stringifyMillis = cost(() => void JSON.parse(bytes.toString()));
  const read = (): void => {
    const body = new RequestBody();
    body.add(bytes);
    body.take();
  };
  results.push({ name, stringifyMillis, millis: cost(read) });
}
process.send?.(results);
