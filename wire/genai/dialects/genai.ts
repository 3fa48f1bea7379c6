/**
 * The GenAI semantic conventions: messages as JSON under `gen_ai.input.messages` and
 * `gen_ai.output.messages` (OpenLLMetry from 0.23, Laminar, Vercel AI 7, Anthropic's SDK, manual
 * spans). Spans without content, or with content in span events, are otherwise the same.
 */

import { isList, parseJsonTextOrNull, text } from '../../json.ts';
import type { Message, ParsedSpan, SpanKind } from '../provider/model.ts';
import { readRequest } from '../provider/request.ts';
import { callInfo } from './call-info.ts';
import { choicesOf, INPUT, OUTPUT, promptsOf, SYSTEM } from './content-keys.ts';
import type { Dialect } from './dialect.ts';
import { listOfChoices, MESSAGE_EVENTS, messagesOfEvents, toolOfEvents } from './events.ts';
import { frameworkKind, readFramework } from './frameworks.ts';
import type { Attributes, OtelSpan } from './span.ts';

/** The operations of the conventions, and those that instrumentations add. */
const KIND_OF_OPERATION = new Map<string, SpanKind>([
  ['chat', 'llm'],
  ['completion', 'llm'],
  ['text_completion', 'llm'],
  ['generate_content', 'llm'],
  ['embeddings', 'embedding'],
  ['embedding', 'embedding'],
  ['execute_tool', 'tool'],
  ['invoke_agent', 'agent'],
  ['create_agent', 'agent'],
  ['invoke_workflow', 'chain'],
  ['agent_step', 'chain'],
  ['retrieval', 'retriever'],
]);

/** Whether a span follows the GenAI conventions. */
function isGenAi(a: Attributes): boolean {
  return a['gen_ai.operation.name'] !== undefined || hasMessages(a);
}

function hasMessages(a: Attributes): boolean {
  return a[INPUT] !== undefined || a[OUTPUT] !== undefined;
}

function readGenAi(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const kind = kindOf(span);
  if (kind === 'tool') return readTool(span);
  if (kind === 'llm') return readCall(span);
  if (kind === 'embedding') return readEmbedding(span);
  const framework = readFramework(a);
  const parsed: ParsedSpan = {
    ...framework,
    kind,
    consumed: [...(framework.consumed ?? []), INPUT, OUTPUT],
  };
  // An agent span repeats the messages of its calls: they are its input and output, not a call.
  if (a[INPUT] !== undefined) parsed.input = parseJsonTextOrNull(a[INPUT]);
  if (a[OUTPUT] !== undefined) parsed.output = parseJsonTextOrNull(a[OUTPUT]);
  return parsed;
}

function kindOf({ attributes: a }: OtelSpan): SpanKind {
  const operation = text(a['gen_ai.operation.name']);
  const kind = operation === null ? undefined : KIND_OF_OPERATION.get(operation);
  if (kind !== undefined) return kind;
  const framework = frameworkKind(a);
  if (framework !== null) return framework;
  // An unknown operation is a call when the span has a model and messages.
  return hasMessages(a) && (a['gen_ai.request.model'] ?? a['gen_ai.response.model']) !== undefined
    ? 'llm'
    : 'span';
}

function readCall(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const call = callInfo(span);
  const fromEvents = hasMessages(a) ? null : messagesOfEvents(span.events);
  if (fromEvents !== null) {
    call.prompts = fromEvents.prompts;
    call.choices = listOfChoices(fromEvents);
  } else {
    call.prompts = splitItems(span, promptsOf(a));
    call.choices = choicesOf(a[OUTPUT]);
  }
  return {
    kind: 'llm',
    call,
    consumed: [SYSTEM, INPUT, OUTPUT],
    ...(fromEvents === null ? {} : { consumedEvents: MESSAGE_EVENTS }),
  };
}

/**
 * OpenLLMetry writes the whole input list of OpenAI's Responses API into the text of one message. Only
 * its scope is parsed so; in any other, such a text is what a user wrote.
 */
function splitItems(span: OtelSpan, prompts: Message[]): Message[] {
  const [only] = prompts;
  if (span.scope_name !== '@traceloop/instrumentation-openai') return prompts;
  if (prompts.length !== 1 || only?.parts !== null || only.role !== 'user') return prompts;
  return readRequest(only.content?.startsWith('[') ? only.content : undefined) ?? prompts;
}

const ARGUMENTS = 'gen_ai.tool.call.arguments';
const RESULT = 'gen_ai.tool.call.result';

function readTool(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const framework = readFramework(a, 'tool');
  const input = a[ARGUMENTS] ?? framework.input;
  const output = a[RESULT] ?? framework.output;
  const isInAttributes = input !== undefined || output !== undefined || span.events.length === 0;
  const fromEvents = isInAttributes ? null : toolOfEvents(span.events);
  const tool = {
    id: text(a['gen_ai.tool.call.id']) ?? framework.tool?.id ?? null,
    name: text(a['gen_ai.tool.name']) ?? framework.tool?.name ?? null,
    arguments: parseJsonTextOrNull(input ?? fromEvents?.arguments),
    output: parseJsonTextOrNull(output ?? fromEvents?.output),
  };
  return {
    kind: 'tool',
    tool,
    input: tool.arguments,
    output: tool.output,
    consumed: [...(framework.consumed ?? []), ARGUMENTS, RESULT],
    ...(fromEvents === null ? {} : { consumedEvents: MESSAGE_EVENTS }),
  };
}

function readEmbedding(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const texts = a['ai.values'] ?? a[INPUT];
  const parsed: ParsedSpan = { kind: 'embedding', call: callInfo(span) };
  if (texts === undefined) return parsed;
  const input = isList(texts) ? texts.map(parseJsonTextOrNull) : parseJsonTextOrNull(texts);
  return { ...parsed, input, consumed: ['ai.values', INPUT] };
}

export const genAi: Dialect = {
  name: 'genai-conventions',
  prefixes: ['gen_ai.'],
  sessionKeys: ['session.id'],
  conversationKeys: ['gen_ai.conversation.id'],
  userKeys: ['user.id', 'enduser.id'],
  speaks: isGenAi,
  read: readGenAi,
};
