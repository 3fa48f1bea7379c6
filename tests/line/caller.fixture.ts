/** The calling process: it asks another service by HTTP and puts a message on a queue. */
import { flush, init, inject, span, trace } from '../../sdk/index.ts';

const { CALLEE_URL = '' } = process.env;

init({ name: 'caller', mode: 'prod' });

const ask = span('ask', async (question: string) => {
  const headers = inject(new Headers({ 'content-type': 'text/plain' }));
  const response = await fetch(CALLEE_URL, { method: 'POST', headers, body: question });
  return response.text();
});

const enqueue = span('enqueue', (body: string) => inject({ QueueUrl: 'q', MessageBody: body }));

const main = trace(
  { name: 'checkout', session: { id: 'chat 7', name: 'Überfahrt', userId: 'u-7' } },
  async () => ({ answer: await ask('boat?'), message: enqueue('order') }),
);

const { answer, message } = await main();
const { pending } = await flush();
process.stdout.write(JSON.stringify({ answer, message, pending }));
