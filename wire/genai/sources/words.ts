/** Words by which producers say what a span is, or that they do not know a value. */
import type { SpanKind } from '../provider/model.ts';
import type { Slot } from './producer.ts';

/** A word that is not here says nothing, and the next place is asked. */
const KIND_WORDS: { readonly [K in SpanKind]: string } = {
  llm: 'llm chat completion completions text_completion generate_content generate generation chat.completions responses response model chat_model message messages anthropic_messages acompletion aresponses responses.create text-completion chat_completion inference model_inference completion_tool generate_text stream llm_request ai.generatetext.dogenerate ai.streamtext.dostream ai.generateobject.dogenerate ai.streamobject.dostream model_step',
  embedding:
    'embedding embeddings embed embedder aembedding create_embeddings ai.embed.doembed ai.embedmany.doembed',
  tool: 'tool execute_tool function tools/call mcp_tool tool_call function_tool mcp.tool tool-call ai.toolcall mcp_tool_call',
  agent:
    'agent invoke_agent create_agent agent_run task_agent crew invoke_agent_internal ai.generatetext ai.streamtext',
  chain:
    'chain workflow task pipeline flow invoke_workflow crew_workflow handoff_chain turn chat_client advisor operation session util ai.generateobject ai.streamobject ai.embed ai.embedmany workflow_run workflow_step model_generation agent_step',
  retriever: 'retriever retrieval retrieve query vector_store search rerank reranker',
  span: 'prompt span guardrail evaluator event none model_chunk',
};

const KINDS: ReadonlyMap<string, SpanKind> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(KIND_WORDS).flatMap(([kind, words]) =>
    words.split(' ').map((word): [string, SpanKind] => [word, kind as SpanKind]),
  ),
);

/** The kind that a word names: `LLM`, `SpanKind.LLM`, `gen_ai.chat.v2`. */
export function kindOfWord(word: string): SpanKind | undefined {
  if (word.length >= 60) return undefined;
  const lower = word.toLowerCase();
  return KINDS.get(lower) ?? KINDS.get(plainWord(lower));
}

function plainWord(word: string): string {
  return (
    word
      .replace(/^(spankind|observationtype)\./, '')
      .replace(/\.v\d+$/, '')
      // The class of a component.
      .replace(/^\w+(embedder|retriever)$/, '$1')
  );
}

/** Texts that stand for an unknown value, by slot. */
export const PLACEHOLDERS: { readonly [S in Slot]?: RegExp } = {
  // Google's Agent Development Kit merges the results of parallel tools in a span of its own.
  toolName: /^\(merged tools\)$/,
  provider:
    /^(unknown|strands-agents|gcp\.vertex\.agent|autogen|langchain|langgraph|crewai|litellm|_OTHER|genkit|spring_ai|haystack|microsoft\.agent_framework|agno|None|pydantic_ai|ag2|llama_index|llamaindex)$/i,
  responseId: /^((lc_)?run-|__fake_id__|None$|unknown)/,
  modelAsked: /^(unknown|None|models?|null|generate|function|flow)$/i,
  modelAnswered: /^(unknown|None|null)$/i,
  toolCallId: /^(<not specified>|None|null)$/i,
  user: /^(unknown|default|default_user_id|anonymous|None|null|default_user|\[Scrubbed.*)$/i,
  session: /^(unknown|None|null|default|\[Scrubbed.*)$/i,
};

/** Texts that stand in place of what a program hid: a value, which nothing fills. */
export const MASK = /^(__REDACTED__|\[?redacted\]?|\[Scrubbed .*\]|<redacted>|REDACTED|\*{3,})$/i;

/** Beginnings and ends of span names that say what a span is where nothing else does. */
export const SPAN_NAMES: readonly (readonly [RegExp, SpanKind])[] = [
  [/^(execute_tool |running tool|Function: )/, 'tool'],
  [/Tool\.a?call$/, 'tool'],
  [/^(invoke_agent |Agent run|agent run)|Agent\.a?run$/, 'agent'],
];

/** Keys that only spans of one kind have. */
export const TELLING_KEYS: readonly (readonly [string, SpanKind])[] = [
  ['haystack.agent.step.llm.output', 'llm'],
  ['haystack.agent.step.tool.input', 'tool'],
  ['haystack.agent.input', 'agent'],
  ['pydantic_ai.all_messages', 'agent'],
  ['all_messages_events', 'agent'],
];

/** Keys of requests of which a streamed call has a span of its own. */
export const REPORTS: ReadonlySet<string> = /* @__PURE__ */ new Set(['request_data']);

/** A key whose word says that the call of a span is that of its parent, and the same for the parent. */
export const CALL_OF_PARENT = {
  key: 'mastra.span.type',
  child: 'model_inference',
  parent: 'model_step',
};

/** What holds for the spans of an instrumentation, by its scope and provider. */
export interface ScopeFacts {
  /** Whether cached tokens are counted beside the prompt: also where the total denies it, or else. */
  cacheApart?: 'always' | 'unless the total denies it';
  /** The unit of the time to the first token, where it is not the second. */
  secondsAre?: 'milliseconds';
  /** Whether the text of a user may hold the items of a whole request. */
  textsHoldItems?: true;
  /** Whether an exception is a failure even if the status is ok. */
  exceptionFails?: true;
}

export const SCOPES: readonly (readonly [RegExp, ScopeFacts])[] = [
  [/strands/, { secondsAre: 'milliseconds' }],
  [/spring.* anthropic|spring.*bedrock/, { cacheApart: 'always' }],
  [/^(?!openinference).*(botocore|bedrock)/, { cacheApart: 'unless the total denies it' }],
  [/^@traceloop\/instrumentation-anthropic/, { cacheApart: 'always' }],
  [/^@traceloop\/instrumentation-openai/, { textsHoldItems: true }],
  [/langsmith/, { exceptionFails: true }],
];
