/** One span in, what it says out. Nothing else is looked at, so how a batch was cut cannot matter. */
import { isList, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isMessageEvent, listOfChoices, messagesOfEvents } from '../forms/event-messages.ts';
import { forgetOpened, openValue } from '../forms/open-value.ts';
import type { OtelSpan } from '../forms/otel-span.ts';
import type { Message, ModelCall, ParsedSpan, SpanKind } from '../provider/model.ts';
import { allSources, EVENT_RANK, type SourceIndex } from '../sources/source-index.ts';
import {
  CALL_OF_PARENT,
  SCOPES,
  type ScopeFacts,
  SPAN_NAMES,
  TELLING_KEYS,
} from '../sources/words.ts';
import { Found } from './found.ts';
import { type CallReading, isCallKind, readCall } from './read-call.ts';
import { readRun } from './read-run.ts';
import { isCounted } from './read-usage.ts';
import { readEvents, restOf, StoredOnce } from './rest-of-span.ts';
import { type Ranked, type RootFacts, rootFacts, sessionIn, userIn } from './trace-facts.ts';

/** What one span says. */
export interface SpanReading extends ParsedSpan {
  session: Ranked | null;
  user: Ranked | null;
  /** Only for a root span. */
  root: RootFacts | null;
  /** The attributes that no column holds; null without any. */
  rest: JsonObject | null;
  /** The events whose content is in columns. */
  readEvents: ReadonlySet<number>;
}

/** Reads a span. May throw: the span is then stored with its attributes alone. */
export function readSpan(span: OtelSpan, index: SourceIndex = allSources()): SpanReading {
  forgetOpened();
  const found = new Found(index, span.attributes);
  for (const { name, attributes } of span.events) {
    if (name !== 'exception' && !isMessageEvent(name)) found.collect(attributes, EVENT_RANK);
  }
  const facts = factsOf(span);
  const { told } = found;
  const mayCall = told === undefined || isCallKind(told) || told === 'span';
  const reading = mayCall ? readCall(span, found, facts) : null;
  const kind = kindOf(span, found, reading);
  const parsed = ofParent(parsedAs(kind, span, found, reading), span);
  const failure = failureOf(span, found, facts) ?? parsed.failure;
  if (failure !== undefined) parsed.failure = failure;
  const stored = new StoredOnce(parsed, reading?.stored ?? null, found.rest);
  return {
    ...parsed,
    session: sessionIn(found),
    user: userIn(found),
    root: span.parent_span_id === null ? rootFacts(found) : null,
    rest: restOf(found, stored, reading?.isMasked === true),
    readEvents: readEvents(span, stored),
  };
}

/** What a span says of its trace, where its content is not read. */
export function readTraceFacts(span: OtelSpan): SpanReading {
  const found = new Found(allSources(), span.attributes);
  return {
    kind: 'span',
    session: sessionIn(found),
    user: userIn(found),
    root: span.parent_span_id === null ? rootFacts(found) : null,
    rest: span.attributes,
    readEvents: new Set(),
  };
}

function parsedAs(
  kind: SpanKind,
  span: OtelSpan,
  found: Found,
  reading: CallReading | null,
): ParsedSpan {
  const parsed: ParsedSpan = { kind };
  if (isCallKind(kind)) {
    const call = reading?.call ?? emptyCall();
    parsed.call = call;
    if (reading !== null && Object.keys(reading.attributes).length > 0)
      parsed.attributes = reading.attributes;
    if (reading?.failure) parsed.failure = reading.failure;
    if (kind === 'embedding') {
      const input = found.first('input', plain) ?? found.first('request', plain);
      if (input !== null) {
        parsed.input = input;
        call.prompts = [];
      } else if (call.prompts.length > 0) {
        parsed.input = inputOf(call);
        call.prompts = [];
      }
      call.choices = [];
      if (call.usage.total === null && call.usage.completion === null)
        call.usage.total = call.usage.prompt;
    }
    return parsed;
  }
  if (kind === 'tool') {
    const { tool, input } = readRun(span, found);
    return { kind, tool, input, output: tool.output };
  }
  const said = kind === 'span' ? null : messagesOfEvents(span.events);
  const input = found.first('input', plain) ?? lastText(said?.prompts);
  const output = found.first('output', plain) ?? lastText(said && listOfChoices(said));
  if (input !== null) parsed.input = input;
  if (output !== null) parsed.output = output;
  return parsed;
}

/** What was said last, where an agent's messages are in events. */
function lastText(messages: readonly Message[] | null | undefined): string | null {
  return messages?.findLast(({ content }) => content !== null)?.content ?? null;
}

/** A call that two spans tell, one of which is the parent of the other, is that of the parent. */
function ofParent(parsed: ParsedSpan, { attributes, parent_span_id }: OtelSpan): ParsedSpan {
  const word = attributes[CALL_OF_PARENT.key];
  const { call } = parsed;
  if (word === undefined || call === undefined) return parsed;
  // The child reports the finish reason, spelled differently.
  if (word === CALL_OF_PARENT.parent)
    for (const choice of call.choices) choice.finish_reason = null;
  if (word !== CALL_OF_PARENT.child || parent_span_id === null) return parsed;
  call.attach_to_span_id = parent_span_id;
  return { ...parsed, kind: 'span' };
}

/** The texts given to an embedding. */
function inputOf({ prompts }: ModelCall): JsonValue {
  const texts = prompts.map(({ content }) => content ?? '');
  return texts.length === 1 ? (texts[0] ?? null) : texts;
}

/** A value that says something; texts in a list are opened one by one. */
function plain(value: JsonValue): JsonValue {
  if (value === '' || (isList(value) && value.length === 0)) return null;
  if (!isList(value)) return value;
  return value.every((item) => typeof item === 'string')
    ? value.map((item) => openValue(item) ?? null)
    : value;
}

/** The name of an embedding whose kind is that of any call. */
const EMBEDDING = /(?:^|[. _])embeddings?$/i;

function kindOf(span: OtelSpan, found: Found, reading: CallReading | null): SpanKind {
  const { told } = found;
  const call = reading?.call;
  const hasMessages = call !== undefined && (call.prompts.length > 0 || call.choices.length > 0);
  const isUsed = call !== undefined && isCounted(call.usage);
  if (told === 'span') return hasMessages && isUsed ? 'llm' : 'span';
  if (told === 'tool' && found.has('toolName') && found.word('toolName') === null) return 'span';
  if (told === 'llm' && call?.choices.length === 0 && EMBEDDING.test(span.name)) return 'embedding';
  if (told !== undefined) return told;
  if (found.word('toolName') !== null) return 'tool';
  const [, telling] = TELLING_KEYS.find(([key]) => span.attributes[key] !== undefined) ?? [];
  if (telling !== undefined) return telling;
  if (call !== undefined && found.hasFlatMessages) return 'llm';
  const hasModel = found.word('modelAsked') !== null || found.word('modelAnswered') !== null;
  if (reading?.isEmbedding) return 'embedding';
  if ((hasMessages && (isUsed || hasModel)) || (isUsed && hasModel)) return 'llm';
  return SPAN_NAMES.find(([form]) => form.test(span.name))?.[1] ?? 'span';
}

function failureOf(
  span: OtelSpan,
  found: Found,
  { exceptionFails }: ScopeFacts,
): ParsedSpan['failure'] {
  const isStated = found.first('failure', (value) =>
    typeof value === 'string' && /^error$/i.test(value) ? true : null,
  );
  const hasException =
    exceptionFails === true && span.events.some(({ name }) => name === 'exception');
  return isStated || hasException ? { message: found.word('failureMessage') } : undefined;
}

/** By scope, then by provider. */
const factsOfScopes = /* @__PURE__ */ new Map<string, Map<string, ScopeFacts>>();
const MAX_SCOPES = 1_000;
const MAX_PROVIDERS = 100;

/** What holds for all spans of an instrumentation and provider. */
function factsOf({ scope_name, attributes }: OtelSpan): ScopeFacts {
  const scope = scope_name ?? '';
  const provider =
    text(attributes['gen_ai.system']) ?? text(attributes['gen_ai.provider.name']) ?? '';
  let ofScope = factsOfScopes.get(scope);
  if (ofScope === undefined) {
    if (factsOfScopes.size >= MAX_SCOPES) factsOfScopes.clear();
    ofScope = new Map();
    factsOfScopes.set(scope, ofScope);
  }
  let facts = ofScope.get(provider);
  if (facts === undefined) {
    const told = `${scope} ${provider}`;
    facts = Object.assign(
      {},
      ...SCOPES.filter(([form]) => form.test(told)).map(([, given]) => given),
    ) as ScopeFacts;
    if (ofScope.size < MAX_PROVIDERS) ofScope.set(provider, facts);
  }
  return facts;
}

/** A call of which nothing is known. */
export function emptyCall(): ModelCall {
  return {
    prompts: [],
    choices: [],
    usage: {
      prompt: null,
      completion: null,
      total: null,
      cached: null,
      cache_write: null,
      reasoning: null,
    },
    model: null,
    provider: null,
    response_id: null,
    finish_reasons: [],
    time_to_first_token_ms: null,
  };
}
