/** An agent as people write them: a class with decorated methods, sync and async, and one that fails. */
import { currentSpan, flush, init, span, trace } from '../../sdk/index.ts';

const COMPLETION = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
          },
        ],
      },
    },
  ],
  usage: {
    prompt_tokens: 100,
    completion_tokens: 20,
    total_tokens: 120,
    prompt_tokens_details: { cached_tokens: 64 },
    completion_tokens_details: { reasoning_tokens: 8 },
  },
};

class Agent {
  @trace({ name: 'answer', session: { id: 's-1', name: 'Trip', user_id: 'u-1' }, tags: ['demo'] })
  async answer(question: string): Promise<string> {
    const plan = await this.plan([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: question },
    ]);
    const call = plan.choices[0]?.message.tool_calls[0];
    const weather = this.getWeather(JSON.parse(call?.function.arguments ?? '{}'));
    try {
      this.fail();
    } catch {
      // The caller of a failing step sees its error and goes on.
    }
    currentSpan()?.setAttribute('answered', true);
    return `It is ${weather.sky}.`;
  }

  @span({ name: 'llm', kind: 'llm' })
  async plan(_messages: { role: string; content: string }[]) {
    return COMPLETION;
  }

  @span({ kind: 'tool' })
  getWeather(_place: { city: string }) {
    return { sky: 'clear' };
  }

  @span
  fail(): never {
    throw new RangeError('out of range');
  }
}

init({ name: 'travel-desk', mode: 'prod', release: '1.2.3', session: 'ignored' });
process.stdout.write(await new Agent().answer('Weather in Paris?'));
process.stdout.write(JSON.stringify(await flush()));
