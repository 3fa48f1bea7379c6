/** The application that each client watches: an agent with a tool, a streamed answer, a refusal. */
import { MODEL, NEXT_QUESTION, QUESTION, REFUSED, SYSTEM, TOOL } from '../facts.ts';

export const SESSION = process.env.TEST_SESSION;
export const USER = process.env.TEST_USER;

const TOOLS = [
  {
    type: 'function',
    function: {
      name: TOOL.name,
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      },
    },
  },
];

export async function getWeather(_) {
  return TOOL.output;
}

/**
 * @param openai OpenAI's client, as the watching client wants it
 * @param runTool the tool, as the watching client wants it
 * @param step runs a part of the agent, for clients that want to know about parts
 */
export async function weatherAgent(openai, runTool, step = (run) => run()) {
  const { completions } = openai.chat;
  const messages = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: QUESTION },
  ];
  const asked = await completions.create({ model: MODEL, messages, tools: TOOLS });
  const [{ message }] = asked.choices;
  const [{ id, function: wanted }] = message.tool_calls;
  const output = await runTool(JSON.parse(wanted.arguments));
  // A new list: some clients read the messages of a call only after it.
  const answered = await completions.create({
    model: MODEL,
    messages: [
      ...messages,
      message,
      { role: 'tool', tool_call_id: id, content: JSON.stringify(output) },
    ],
    tools: TOOLS,
  });
  const answer = answered.choices[0].message.content;

  await step(async () => {
    const stream = await completions.create({
      model: MODEL,
      messages: [{ role: 'user', content: `${NEXT_QUESTION} ${answer}` }],
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const _ of stream);
  });

  await completions
    .create({ model: MODEL, messages: [{ role: 'user', content: REFUSED }] })
    .catch(() => {});
}
