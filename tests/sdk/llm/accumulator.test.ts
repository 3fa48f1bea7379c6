import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const call = { name: 'get_weather', arguments: { city: 'Paris' } };

describe('events of a stream', () => {
  it('accumulates Anthropic events to a message', async () => {
    const events = [
      {
        type: 'message_start',
        message: {
          id: 'm1',
          type: 'message',
          role: 'assistant',
          model: 'claude-1',
          content: [],
          usage: { input_tokens: 5, output_tokens: 1 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: 'c1', name: 'get_weather', input: {} },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: '{"city":' },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: '"Paris"}' },
      },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 4 } },
      { type: 'message_stop' },
    ];
    const all = await streamed(events);
    expect(all.completions).toMatchObject([
      {
        content: 'Hi',
        model: 'claude-1',
        finish_reason: 'tool_use',
        prompt_tokens: 5,
        completion_tokens: 4,
      },
    ]);
    expect(all.tools).toMatchObject([{ id: 'c1', ...call }]);
  });

  it('accumulates OpenAI response events that end early', async () => {
    const events = [
      {
        type: 'response.created',
        response: {
          id: 'r1',
          object: 'response',
          model: 'gpt-1',
          status: 'in_progress',
          output: [],
        },
      },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { type: 'message', role: 'assistant', content: [] },
      },
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'H' },
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'i' },
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: { type: 'function_call', call_id: 'c1', name: 'get_weather', arguments: '' },
      },
      {
        type: 'response.function_call_arguments.delta',
        output_index: 1,
        delta: '{"city":"Paris"}',
      },
    ];
    const all = await streamed(events);
    expect(all.completions).toMatchObject([{ content: 'Hi', model: 'gpt-1', response_id: 'r1' }]);
    expect(all.completions[0]).not.toHaveProperty('prompt_tokens');
    expect(all.tools).toMatchObject([{ id: 'c1', ...call }]);
  });
});

function streamed(events: object[]) {
  return recorded(async () => {
    const stream = span('chat', async function* (_: object) {
      yield* events;
    })({ messages: [{ role: 'user', content: 'hi' }] });
    for await (const _ of stream);
  });
}
