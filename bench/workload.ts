/**
 * One trace: an agent that calls four steps. Each step takes a conversation and returns a chat completion.
 * Both are constant, as in the measurements of other products, or the question is new in each trace and
 * the answer in each call.
 */
export const SPANS_PER_TRACE = 5;

export const MESSAGES = [
  {
    role: 'system',
    content:
      'You plan trips. Answer in two sentences, name the tool result you rely on, and never make up fares, times or opening hours that no tool has told you, however plausible they look.',
  },
  {
    role: 'user',
    content:
      'We arrive in Porto on Friday at noon, two adults with a girl of five, and want to see the bridge and one wine cellar before an early dinner. Is there a boat in the afternoon, what does it cost for the three of us, and should we book it now or can we wait until we are there?',
  },
  {
    role: 'assistant',
    content:
      'I will look up the afternoon departures of the six bridges cruise and the family fare, and then check which cellars still take visitors after three.',
  },
];

export const completion = (call = 7) => ({
  id: `chatcmpl-7Qw2Er4Ty6Ui8Op${call}`,
  object: 'chat.completion',
  created: 1_770_000_000,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      logprobs: null,
      message: {
        role: 'assistant',
        refusal: null,
        content: `(${call}) There is a cruise at half past three that takes fifty minutes; let me check what the family pays, since children below six usually travel free on these boats and I do not want to guess.`,
        tool_calls: [
          {
            id: `call_Zx9Cv8Bn7${call}`,
            type: 'function',
            function: {
              name: 'lookup_fare',
              arguments: `{"boat":"six bridges","date":"2026-05-15","time":"15:30","adults":${call},"children":[5]}`,
            },
          },
        ],
      },
    },
  ],
  usage: {
    prompt_tokens: 191,
    completion_tokens: 66,
    total_tokens: 257,
    prompt_tokens_details: { cached_tokens: 128, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
});

function question(trace: number): Messages {
  const [system, user, assistant] = MESSAGES as [Message, Message, Message];
  return [system, { ...user, content: `(${trace}) ${user.content}` }, assistant];
}

type Messages = typeof MESSAGES;
type Message = Messages[number];
type Completion = ReturnType<typeof completion>;

/** Wraps an asynchronous and a synchronous function, capturing input and output. */
export interface Wrappers {
  async<F extends (messages: Messages) => Promise<Completion>>(name: string, fn: F): F;
  sync<F extends (messages: Messages) => Completion>(name: string, fn: F): F;
}

/** The same trace with asynchronous and synchronous functions; with `isNew`, no text repeats except the system prompt. */
export function workload(
  wrap: Wrappers,
  isNew = false,
): { async: () => Promise<unknown>; sync: () => unknown } {
  let calls = 0;
  let traces = 0;
  const ask = () => (isNew ? question(++traces) : MESSAGES);
  const answer = () => (isNew ? completion(++calls) : completion());
  const names = ['plan', 'chat', 'tool', 'answer'];
  const steps = names.map((name) => wrap.async(name, async (_messages: Messages) => answer()));
  const stepsSync = names.map((name) => wrap.sync(name, (_messages: Messages) => answer()));
  const agent = wrap.async('agent', async (messages: Messages) => {
    for (const step of steps.slice(1)) await step(messages);
    return (steps[0] as (typeof steps)[0])(messages);
  });
  const agentSync = wrap.sync('agent', (messages: Messages) => {
    for (const step of stepsSync.slice(1)) step(messages);
    return (stepsSync[0] as (typeof stepsSync)[0])(messages);
  });
  return { async: () => agent(ask()), sync: () => agentSync(ask()) };
}
