/**
 * The program under test: records spans and ends in one of several ways. Its task is JSON in the first
 * argument; its output is one JSON text per line.
 */
import type { Task } from './run-program.ts';

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const sdk: typeof import('../../sdk/index.ts') = await import(task.sdk);
const { flush, init, span, status, trace } = sdk;
const say = (what: object): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);
const sleep = (millis: number): Promise<void> => new Promise((next) => setTimeout(next, millis));

init({
  mode: 'prod',
  token: 'faults',
  endpoint: task.endpoint,
  spool: task.spool ?? false,
  exitTimeoutMillis: task.exitTimeoutMillis,
  onWarning: ({ code }) => say({ warning: code }),
});
const SPANS_PER_TRACE = 5;
const step = span('step', async (messages: object[]) => ({ answer: messages.length }));
const answer = trace({ name: 'answer', session: 'faults' }, async (messages: object[]) => {
  for (let i = 1; i < SPANS_PER_TRACE; i++) await step(messages);
});
const messages = [{ role: 'user', content: 'Where is the aquarium? '.repeat(20) }];

for (let made = 0; made < task.spans; made += SPANS_PER_TRACE) {
  await answer(messages);
  if (task.isPaced && made % 100 === 0) await sleep(5);
}
say({ recordedAt: Date.now() });

switch (task.end) {
  case 'flush': {
    const startedAt = performance.now();
    const { pending } = await flush({ timeoutMillis: task.flushMillis });
    say({ flushMillis: Math.round(performance.now() - startedAt), pending });
    break;
  }
  case 'process.exit(1)':
    process.exit(1);
    break;
  case 'uncaught exception':
    throw new Error('uncaught');
  case 'SIGKILL':
  case 'SIGTERM':
    // While the program has an open trace and would not end by itself.
    void trace('under way', () => sleep(1e9))();
    await sleep(1);
    process.kill(process.pid, task.end);
    await sleep(1e9);
    break;
  case 'own handler':
    process.on('SIGTERM', () => say({ handled: true }));
    process.kill(process.pid, 'SIGTERM');
    await sleep(300);
    break;
  default:
}
process.on('exit', () => say({ status: status() }));
