/**
 * A queue: the worker's spans belong to the trace and the session of the sender of the message. The same
 * works with SQS: `inject` accepts the input of `SendMessageCommand`, `extract` a record of the event.
 *
 *     node examples/queue-worker.ts
 */
import { EventEmitter, on, once } from 'node:events';
// In your program, import from 'agensight'.
import { extract, flush, init, inject, span, startSpan, trace } from '../sdk/index.ts';

init({ name: 'reports' });

interface Message {
  headers: Record<string, string>;
  body: string;
}

// Stands for SQS, Kafka, RabbitMQ, BullMQ.
const queue = new EventEmitter();

const order = trace(
  { name: 'order_report', session: { id: 'chat_1', userId: 'ann' } },
  async (topic: string) => {
    const message: Message = { headers: inject({}), body: topic };
    queue.emit('message', message);
    return 'ordered';
  },
);

const write = span('write_report', async (topic: string) => {
  using step = startSpan({ name: 'research', kind: 'retriever', input: topic });
  const facts = await step.run(async () => [`Something about ${topic}`]);
  step.setOutput(facts);
  return facts.join('\n');
});

async function work(): Promise<void> {
  for await (const [message] of on(queue, 'message') as AsyncIterable<[Message]>) {
    const report = await extract(message.headers, () => write(message.body));
    queue.emit('report', report);
  }
}

export async function main(): Promise<void> {
  void work();
  const report = once(queue, 'report');
  console.log(await order('shoes'));
  console.log(...(await report));
  console.log(await flush());
}

if (import.meta.main) await main();
