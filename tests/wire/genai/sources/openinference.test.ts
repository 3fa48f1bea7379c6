import { expect, it } from 'vitest';
import { rowsOf } from '../../support/span.ts';

const request = {
  model: 'm',
  messages: [
    { role: 'system', content: 'the secret recipe' },
    { role: 'user', content: 'the secret question' },
  ],
};
const reply = {
  id: 'r1',
  model: 'm-1',
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'the secret answer' },
    },
  ],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

/** What `OPENINFERENCE_HIDE_INPUT_TEXT` and `_OUTPUT_TEXT` leave: the flat keys are hidden, the bodies not. */
it('brings no word back that the program hides, though the body has it', () => {
  const rows = rowsOf({
    'openinference.span.kind': 'LLM',
    'input.value': JSON.stringify(request),
    'output.value': JSON.stringify(reply),
    'llm.input_messages.0.message.role': 'system',
    'llm.input_messages.0.message.content': '__REDACTED__',
    'llm.input_messages.1.message.role': 'user',
    'llm.input_messages.1.message.contents.0.message_content.type': 'text',
    'llm.input_messages.1.message.contents.0.message_content.text': '__REDACTED__',
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.content': '__REDACTED__',
  });
  expect(JSON.stringify([rows.prompts, rows.completions, rows.span])).not.toContain('secret');
  expect(rows.prompts.map(({ role, content }) => [role, content])).toEqual([
    ['system', '__REDACTED__'],
    ['user', '__REDACTED__'],
  ]);
  expect(rows.completions).toMatchObject([
    { content: '__REDACTED__', response_id: 'r1', model: 'm-1', prompt_tokens: 3 },
  ]);
});

it('hides the answer alone where only the answer is hidden', () => {
  const { prompts, completions } = rowsOf({
    'openinference.span.kind': 'LLM',
    'input.value': JSON.stringify(request),
    'output.value': JSON.stringify(reply),
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.content': '__REDACTED__',
  });
  expect(prompts).toMatchObject([
    { content: 'the secret recipe' },
    { content: 'the secret question' },
  ]);
  expect(completions).toMatchObject([{ content: '__REDACTED__' }]);
});
