/** An agent with LLM calls, a tool call and a failing step, run `TIMES` times. */
import { currentSpan, flush, init, span, trace } from '../../../sdk/index.ts';

interface Message {
  role: string;
  content: string;
  tool_call_id?: string;
}

const { TIMES = '1', FILLER = '0', FLUSH_MILLIS = '10000', RESPONSE_ID } = process.env;

const callModel = span({ name: 'llm', kind: 'llm' }, async (request: { messages: Message[] }) => {
  const isFirst = request.messages.length === 2;
  const call = { id: 'call_1', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } };
  const message = isFirst
    ? { role: 'assistant', content: null, tool_calls: [{ type: 'function', ...call }] }
    : { role: 'assistant', content: 'Es ist schön. ☀️' };
  return {
    id: RESPONSE_ID ?? (isFirst ? 'chatcmpl-1' : 'chatcmpl-2'),
    model: 'gpt-4o-mini-2024-07-18',
    choices: [{ index: 0, finish_reason: isFirst ? 'tool_calls' : 'stop', message }],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  };
});

const getWeather = span({ name: 'get_weather', kind: 'tool' }, (_place: { city: string }) => ({
  sky: 'clear',
  station: 9_007_199_254_740_991,
}));

const fail = span('fail', () => {
  throw new RangeError('out of range\nwith "quotes"');
});

const answer = trace(
  {
    name: 'answer',
    session: { id: 's-1', name: 'Trip', user_id: 'u-1', metadata: { plan: 'free' } },
    tags: ['demo'],
  },
  async (question: string, _filler: string) => {
    const messages: Message[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: question },
    ];
    await callModel({ messages });
    const weather = getWeather({ city: 'Paris' });
    const result = { role: 'tool', content: JSON.stringify(weather), tool_call_id: 'call_1' };
    const reply = await callModel({ messages: [...messages, result] });
    try {
      fail();
    } catch {
      currentSpan()?.setAttribute('failed', true);
    }
    return reply.choices[0]?.message.content;
  },
);

init({ name: 'travel-desk', release: '1.2.3', metadata: { region: 'eu' } });
for (let i = 0; i < Number(TIMES); i++)
  await answer('Weather in Paris?', '·'.repeat(Number(FILLER)));
process.stdout.write(JSON.stringify(await flush({ timeoutMillis: Number(FLUSH_MILLIS) })));
