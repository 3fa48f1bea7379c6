/** A conversation as programs have it: a chat with a tool, a stream, and steps in parallel. */
import * as agensight from 'agensight';
import OpenAI from 'openai';

const TOOLS = [{ type: 'function', function: { name: 'get_weather', parameters: {} } }];
const model = 'gpt-asked';

/** For an instance of the SDK, or else for the one that `init` configures. */
export function createConversation(baseURL, { instrument, span, trace } = agensight) {
  const openai = instrument(new OpenAI({ apiKey: 'k', baseURL }));

  const weather = span({ name: 'get_weather', kind: 'tool' }, async ({ city }) => ({
    city,
    celsius: 27,
  }));

  const ask = span('ask', async (question) => {
    const messages = [{ role: 'user', content: question }];
    const first = await openai.chat.completions.create({ model, messages, tools: TOOLS });
    const [{ message }] = first.choices;
    const [call] = message.tool_calls;
    const content = JSON.stringify(await weather(JSON.parse(call.function.arguments)));
    messages.push(message, { role: 'tool', tool_call_id: call.id, content });
    const second = await openai.chat.completions.create({ model, messages, tools: TOOLS });
    return second.choices[0].message.content;
  });

  const write = span('write', async function* (question) {
    const stream = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: question }],
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? '';
  });

  const step = span('step', async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return inner(n);
  });
  const inner = span('inner', (n) => n * 2);

  return trace({ name: 'conversation', session: 'chat_1' }, async (question) => {
    const answer = await ask(question);
    let text = '';
    for await (const piece of write(question)) text += piece;
    return [answer, text, await Promise.all([1, 2, 3].map((n) => step(n)))];
  });
}
