import { expect, it } from 'vitest';
import { runFixture, startFixture } from '../support/run-fixture.ts';
import { onEachStack } from '../support/stack.ts';

const CALLER = new URL('./caller.fixture.ts', import.meta.url);
const CALLEE = new URL('./callee.fixture.ts', import.meta.url);

interface Attribute {
  readonly DataType: string;
  readonly StringValue: string;
}

/** A message as Lambda gets it from SQS, which writes the attributes otherwise than they were sent. */
const recordOf = (message: {
  MessageBody: string;
  MessageAttributes: Record<string, Attribute>;
}) => ({
  messageId: 'm-1',
  body: message.MessageBody,
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes).map(([name, { DataType, StringValue }]) => [
      name,
      { dataType: DataType, stringValue: StringValue, stringListValues: [] },
    ]),
  ),
  eventSource: 'aws:sqs',
});

onEachStack('a trace over two processes ends as one trace', (stack) => {
  it('by HTTP and by a message of SQS, in one session', async () => {
    const env = { AGENSIGHT_ENDPOINT: stack().endpoint, AGENSIGHT_TOKEN: stack().token };
    const callee = await startFixture(CALLEE, env);
    const url = await callee.firstLine;
    const output = await runFixture(CALLER, { ...env, CALLEE_URL: url });
    const { answer, message, pending } = JSON.parse(output);
    expect([answer, pending]).toEqual(['no boat?', 0]);
    const event = JSON.stringify({ Records: [recordOf(message)] });
    await fetch(`${url}/messages`, { method: 'POST', body: event });
    await callee.output;

    const traces = await stack().rows('traces');
    expect(traces).toMatchObject([
      {
        name: 'checkout',
        service_name: 'caller',
        session_id: 'chat 7',
        user_id: 'u-7',
        tags: ['queued'],
        span_count: 7,
      },
    ]);
    expect(await stack().rows('sessions')).toMatchObject([
      { id: 'chat 7', name: 'Überfahrt', user_id: 'u-7' },
    ]);
    const spans = await stack().rows('spans', {}, ['started_at']);
    const nameOf = (id: unknown) => spans.find((span) => span.id === id)?.name ?? null;
    const edges = spans.map((span) => [span.name, nameOf(span.parent_id)]);
    expect(edges).toEqual([
      ['checkout', null],
      ['ask', 'checkout'],
      ['answer', 'ask'],
      ['think', 'answer'],
      ['enqueue', 'checkout'],
      ['work', 'enqueue'],
      ['think', 'work'],
    ]);
  });
});
