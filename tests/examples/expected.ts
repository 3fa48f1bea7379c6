/** The records of one example, in short. */
export interface Recorded {
  /** `name | session | user` */
  traces: string[];
  /** `parent > name (kind, status)` */
  spans: string[];
  /** `role: content` */
  prompts: string[];
  /** `model prompt+completion content` */
  completions: string[];
  /** `name arguments` */
  tools: string[];
}

export const EXPECTED: Record<string, Recorded> = {
  openai: {
    traces: ['ask | chat_1', 'describe | chat_1'],
    spans: [
      ' > ask (span, ok)',
      'ask > chat gpt-4o-mini (llm, ok)',
      'ask > get_weather (tool, ok)',
      'ask > chat gpt-4o-mini (llm, ok)',
      ' > describe (span, ok)',
      'describe > chat gpt-4o-mini (llm, ok)',
    ],
    prompts: [
      'user: How warm is it in Málaga?',
      'user: How warm is it in Málaga?',
      'assistant: –',
      'tool: {"city":"Málaga","celsius":27}',
      'user: A sentence about the sea.',
    ],
    completions: [
      'gpt-served 11+7 –',
      'gpt-served 11+7 It is 27 °C.',
      'gpt-served 11+7 It is 27 °C.',
    ],
    tools: ['get_weather {"city":"Málaga"}'],
  },
  anthropic: {
    traces: ['summarize', 'describe'],
    spans: [
      ' > summarize (span, ok)',
      'summarize > chat claude-sonnet-5-5 (llm, ok)',
      ' > describe (span, ok)',
      'describe > chat claude-sonnet-5-5 (llm, ok)',
    ],
    prompts: [
      'system: Answer in one sentence.',
      'user: How warm is it?',
      'user: A sentence about the sea.',
    ],
    completions: ['claude-served 11+5 It is 27 °C.', 'claude-served 11+5 It is 27 °C.'],
    tools: [],
  },
  'google-genai': {
    traces: ['ask', 'describe'],
    spans: [
      ' > ask (span, ok)',
      'ask > generate_content gemini-2.5-flash (llm, ok)',
      ' > describe (span, ok)',
      'describe > generate_content gemini-2.5-flash (llm, ok)',
    ],
    prompts: [
      'system: Answer in one sentence.',
      'user: How warm is it?',
      'user: A sentence about the sea.',
    ],
    completions: ['gemini-served 6+4 It is 27 °C.', 'gemini-served 6+4 It is 27 °C.'],
    tools: [],
  },
  bedrock: {
    traces: ['ask'],
    spans: [' > ask (span, ok)', 'ask > converse (llm, ok)'],
    prompts: ['system: Answer in one sentence.', 'user: How warm is it?'],
    completions: ['eu.amazon.nova-lite-v1:0 11+7 It is 27 °C.'],
    tools: [],
  },
  // The transport records the calls, and the spans of the AI SDK around them are steps.
  'vercel-ai': {
    traces: ['ask | chat_1', 'describe | chat_1'],
    spans: [
      ' > ask (span, ok)',
      'ask > invoke_agent gpt-4o-mini (agent, unset)',
      'invoke_agent gpt-4o-mini > step 1 (chain, unset)',
      'step 1 > chat gpt-4o-mini (span, unset)',
      'chat gpt-4o-mini > chat gpt-4o-mini (llm, ok)',
      'step 1 > execute_tool get_weather (tool, unset)',
      'invoke_agent gpt-4o-mini > step 2 (chain, unset)',
      'step 2 > chat gpt-4o-mini (span, unset)',
      'chat gpt-4o-mini > chat gpt-4o-mini (llm, ok)',
      ' > describe (span, ok)',
      'describe > invoke_agent gpt-4o-mini (agent, unset)',
      'invoke_agent gpt-4o-mini > step 1 (chain, unset)',
      'step 1 > chat gpt-4o-mini (span, unset)',
      'chat gpt-4o-mini > chat gpt-4o-mini (llm, ok)',
    ],
    prompts: [
      'user: How warm is it in Málaga?',
      'user: How warm is it in Málaga?',
      'assistant: –',
      'tool: {"city":"Málaga","celsius":27}',
      'user: A sentence about the sea.',
    ],
    completions: [
      'gpt-served 11+7 –',
      'gpt-served 11+7 It is 27 °C.',
      'gpt-served 11+7 It is 27 °C.',
    ],
    tools: ['get_weather {"city":"Málaga"}'],
  },
  langchain: {
    traces: ['ask | chat_1'],
    spans: [
      ' > ask (span, ok)',
      'ask > chat (llm, ok)',
      'ask > get_weather (tool, ok)',
      'ask > chat (llm, ok)',
    ],
    prompts: [
      'system: Be brief.',
      'user: How warm is it in Málaga?',
      'system: Be brief.',
      'user: How warm is it in Málaga?',
      'assistant: –',
      'tool: Málaga: 27 °C',
    ],
    completions: ['gpt-served 11+7 –', 'gpt-served 11+7 It is 27 °C.'],
    tools: ['get_weather {"city":"Málaga"}'],
  },
  nestjs: {
    traces: ['answer | chat_1'],
    spans: [
      ' > answer (span, ok)',
      'answer > search (retriever, ok)',
      'answer > chat gpt-4o-mini (llm, ok)',
    ],
    prompts: ['user: Something about: How warm is it?\n\nHow warm is it?'],
    completions: ['gpt-served 11+7 It is 27 °C.'],
    tools: [],
  },
  'nextjs-route': {
    traces: ['chat | chat_1 | ann'],
    spans: [' > chat (span, ok)', 'chat > chat gpt-4o-mini (llm, ok)'],
    prompts: ['user: How warm is it?'],
    completions: ['gpt-served 11+7 It is 27 °C.'],
    tools: [],
  },
  'lambda-handler': {
    traces: ['ask | chat_1'],
    spans: [' > ask (span, ok)', 'ask > chat gpt-4o-mini (llm, ok)'],
    prompts: ['user: How warm is it?'],
    completions: ['gpt-served 11+7 It is 27 °C.'],
    tools: [],
  },
  'http-sessions': {
    traces: ['answer | chat of ann | ann', 'answer | chat of bob | bob'],
    spans: [
      ' > answer (span, ok)',
      'answer > search (retriever, ok)',
      ' > answer (span, ok)',
      'answer > search (retriever, ok)',
    ],
    prompts: [],
    completions: [],
    tools: [],
  },
  'queue-worker': {
    traces: ['order_report | chat_1 | ann'],
    spans: [
      ' > order_report (span, ok)',
      'order_report > write_report (span, ok)',
      'write_report > research (retriever, unset)',
    ],
    prompts: [],
    completions: [],
    tools: [],
  },
  'long-agent': {
    traces: ['research'],
    spans: [
      ' > research (agent, ok)',
      'research > step (agent, ok)',
      'step > chat gpt-4o-mini (llm, ok)',
      'step > get_weather (tool, ok)',
      'research > step (agent, ok)',
      'step > chat gpt-4o-mini (llm, ok)',
    ],
    prompts: [
      'user: How warm is it in Málaga?',
      'user: How warm is it in Málaga?',
      'assistant: –',
      'tool: {"city":"Málaga","celsius":27}',
    ],
    completions: ['gpt-served 11+7 –', 'gpt-served 11+7 It is 27 °C.'],
    tools: ['get_weather {"city":"Málaga"}'],
  },
  'local-sql': {
    traces: ['ask | notes', 'ask | notes'],
    spans: [' > ask (span, ok)', 'ask > llm (llm, ok)', ' > ask (span, ok)', 'ask > llm (llm, ok)'],
    prompts: ['user: What is new?', 'user: And then?'],
    completions: ['echo-1 12+8 You said: What is new?', 'echo-1 12+8 You said: And then?'],
    tools: [],
  },
  masking: {
    traces: ['help'],
    spans: [' > help (span, ok)', 'help > login (span, ok)', 'help > llm (llm, ok)'],
    prompts: ['user: [email] lost the card [redacted: card number]'],
    completions: ['echo-1 null+null We have written to [email]'],
    tools: [],
  },
  mcp: {
    traces: ['answer | chat_1'],
    spans: [
      ' > answer (span, ok)',
      'answer > get_weather (tool, ok)',
      'get_weather > get_weather (tool, ok)',
    ],
    prompts: [],
    completions: [],
    tools: ['get_weather {"city":"Málaga"}'],
  },
};
