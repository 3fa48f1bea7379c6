import { expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

/** A key that stands in one place only, so that nothing else makes its record suspect. */
const SECRET = `sk-proj-${'Zx9Cv8Bn7Qw2Er4Ty6Ui8Op1'.repeat(2)}`;
const IMAGE = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };

const callWith = (args: string, name = 'look_up', id = 'call_1') => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: args } }],
});
const answer = (message: object) => ({
  id: 'chatcmpl-abcdef',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, finish_reason: 'stop', message }],
});
const HELLO = [{ role: 'user', content: 'Hello' }];
const PLAIN = answer({ role: 'assistant', content: 'Hi' });

it.each<[string, object[], object]>([
  [
    'a text beside an image',
    [{ role: 'user', content: [{ type: 'text', text: SECRET }, IMAGE] }],
    PLAIN,
  ],
  [
    'one of two texts',
    [
      {
        role: 'user',
        content: [{ type: 'text', text: 'a' }, { type: 'text', text: SECRET }, IMAGE],
      },
    ],
    PLAIN,
  ],
  ['arguments in the history', [callWith(`{"q":"${SECRET}"}`)], PLAIN],
  ['arguments in the history that are no JSON', [callWith(`{"q":"${SECRET}`)], PLAIN],
  ['a name in the history', [callWith('{}', SECRET)], PLAIN],
  ['an id in the history', [callWith('{}', 'look_up', SECRET)], PLAIN],
  ['arguments of the answer', HELLO, answer(callWith(`{"q":"${SECRET}"}`))],
  ['arguments of the answer that are no JSON', HELLO, answer(callWith(`{"q":"${SECRET}`))],
  ['arguments that run together', HELLO, answer(callWith(`{"a":1}{"q":"${SECRET}"}`))],
  ['a name in the answer', HELLO, answer(callWith('{}', SECRET))],
  ['reasoning', HELLO, answer({ role: 'assistant', content: 'Hi', reasoning_content: SECRET })],
  ['a text beside a call', HELLO, answer({ ...callWith('{}'), content: SECRET })],
])('a secret in %s is masked, also when the same is sent again', async (_, messages, reply) => {
  const lists = await recorded(() => {
    for (let turn = 0; turn < 3; turn++) {
      span({ name: 'chat', kind: 'llm' }, (_messages: unknown) => structuredClone(reply))(messages);
    }
  });
  expect(lists.spans).toHaveLength(3);
  expect(lists.prompts.length).toBeGreaterThanOrEqual(3);
  expect(JSON.stringify(lists)).not.toContain(SECRET.slice(8, 30));
  expect(JSON.stringify(lists)).toContain('redacted');
});
