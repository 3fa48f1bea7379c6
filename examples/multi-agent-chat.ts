/**
 * The multi-agent chat of the documentation. The environment sets its mode and destination:
 * `AGENSIGHT_MODE`, `AGENSIGHT_TOKEN`, `AGENSIGHT_ENDPOINT`.
 */
import { flush, init, span, trace } from '../sdk/index.ts';

interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

// Stands for a model call that used a tool.
const callLlm = span({ name: 'llm' }, async (messages: Message[]) => {
  const question = messages.at(-1)?.content ?? '';
  return {
    content: `Mock response to: ${question}`,
    tool_used: 'get_weather',
    model: 'gpt-4o-mini',
    usage: { prompt_tokens: 12 + question.length, completion_tokens: 8 },
  };
});

const chat = trace({ name: 'multi_agent_chat', session: 'user_789' }, async () => {
  const plan = await callLlm([{ role: 'user', content: 'Weather in Paris?' }]);
  const summary = await callLlm([{ role: 'user', content: `Summarize: ${plan.content}` }]);
  return summary.content;
});

/** Runs the chat once and waits for delivery. Returns the counts of its records. */
export async function main(): ReturnType<typeof flush> {
  init({ name: 'chat-service', session: 'user_456' });
  console.log('Final Output:', await chat());
  return flush();
}

if (import.meta.main) await main();
