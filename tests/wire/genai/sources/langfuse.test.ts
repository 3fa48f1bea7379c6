import { describe, expect, it } from 'vitest';
import { json, rowsOf } from '../../support/span.ts';

const HELLO = [{ role: 'user', content: 'hello' }];

describe('Langfuse', () => {
  it('fails when the level is ERROR and the status is not', () => {
    const { span, completions } = rowsOf({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': '429',
      'langfuse.observation.input': json({ messages: HELLO }),
    });
    expect(span).toMatchObject({ status: 'error', error: { message: '429' } });
    expect(completions).toEqual([]);
  });

  const GENERATION = { 'langfuse.observation.type': 'generation' };

  it('reads instructions and status of the Responses API from the metadata', () => {
    const { prompts, completions } = rowsOf({
      ...GENERATION,
      'langfuse.observation.input': 'hello',
      'langfuse.observation.output': json({
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'yo', annotations: [] }],
      }),
      'langfuse.observation.metadata.instructions': 'be kind',
      'langfuse.observation.metadata.status': 'completed',
    });
    expect(prompts.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'be kind'],
      ['user', 'hello'],
    ]);
    // The id is that of an item in the response.
    expect(completions).toMatchObject([
      { content: 'yo', finish_reason: 'completed', response_id: null },
    ]);
  });

  it('reads the tool calls of a stream without a role', () => {
    const { completions, tools } = rowsOf({
      ...GENERATION,
      'langfuse.observation.output': json({
        tool_calls: [{ function: { name: 'f', arguments: '{"a":1}' } }],
      }),
    });
    expect(completions).toMatchObject([{ role: 'assistant', content: null }]);
    expect(tools).toMatchObject([{ name: 'f', arguments: { a: 1 } }]);
  });

  it('restores role and call of LangChain\u2019s tool results', () => {
    const { prompts } = rowsOf({
      ...GENERATION,
      'langfuse.observation.input': json([
        ...HELLO,
        {
          role: 'assistant',
          content: '',
          tool_calls: ['c1', 'c2'].map((id) => ({ id, function: { name: 'f', arguments: '{}' } })),
        },
        { role: 'f', content: 'one', additional_kwargs: {} },
        { role: 'f', content: 'two', additional_kwargs: {} },
      ]),
    });
    expect(prompts.slice(2).map((row) => [row.role, row.name, row.tool_call_id])).toEqual([
      ['tool', 'f', 'c1'],
      ['tool', 'f', 'c2'],
    ]);
  });

  it('reads an embedding from the name of the wrapper', () => {
    const { span, prompts, completions } = rowsOf(
      { ...GENERATION, 'langfuse.observation.input': '["one"]' },
      { name: 'OpenAI.embeddings' },
    );
    expect(span).toMatchObject({ kind: 'embedding', input: ['one'] });
    expect([prompts, completions]).toEqual([[], []]);
  });

  it('keeps an answer of plain text unchanged, even one that looks like JSON', () => {
    for (const text of ['hello', '{"a": 1}']) {
      const { completions } = rowsOf({
        'langfuse.observation.type': 'generation',
        'langfuse.observation.output': text,
      });
      expect(completions[0]).toMatchObject({ role: 'assistant', content: text });
    }
  });
});
