/** The answer to a call in any form: provider bodies, and what frameworks put around them. */
import { isList, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { mergeMessages } from '../provider/message.ts';
import type { Message, Usage } from '../provider/model.ts';
import { isPartType } from '../provider/parts.ts';
import { readMessages } from '../provider/request.ts';
import type { ProviderResponse } from '../provider/response-form.ts';
import { readResponse } from '../provider/span-response.ts';
import { complete, usageOfBody } from '../provider/usage.ts';
import { fieldsOf } from './aliases.ts';
import { readConversation } from './conversation.ts';
import { isPlain, plainMessage, roleWord } from './message-forms.ts';
import { firstOf, openValue } from './open-value.ts';
import { usageIn } from './usage-names.ts';

/** What an answer says; a field that it lacks is null. */
export type Answer = Omit<ProviderResponse, 'kind'> & { kind: ProviderResponse['kind'] | null };

const CHOICES =
  /* @__PURE__ */ 'choices candidates generations replies output.message outputs output completions completion response.candidates output_messages messages response result message content text generation answer combined_chunk_content'.split(
    ' ',
  );
const LISTED = /* @__PURE__ */ CHOICES.slice(0, 8);
/** Lists in which each item is a choice rather than a piece of one. */
const LISTS_OF_CHOICES = /* @__PURE__ */ new Set(['choices', 'candidates', 'generations']);
const WRAPPERS = ['outputs', 'output', 'response', 'result'] as const;
/** Members that only an answer inside a wrapper has. */
const TELLING =
  /* @__PURE__ */ 'choices candidates generations output content messages llm_output'.split(' ');
/** What bodies say of their call, by any name. */
const readFacts = /* @__PURE__ */ fieldsOf({
  model:
    'model model_name modelVersion model_version modelId model_id response_metadata.model_name response_metadata.model llm_output.model_name llm_output.model raw.model data.model custom.model raw.modelVersion',
  finish: 'finish_reason finishReason stop_reason stopReason',
  id: 'responseId response_id response_metadata.id llm_output.id raw.id data.id custom.id id',
  usage:
    'usage usageMetadata usage_metadata token_usage tokenUsage llm_output.token_usage llm_output.usage response_metadata.usage response_metadata.token_usage response_metadata.tokenUsage metrics usage_details raw.usage data.usage response_metadata.usage_metadata',
});

const FACTS = ['response_metadata', 'generation_info', 'generationInfo', 'meta'] as const;
const MAX_DEPTH = 4;

const NOTHING: Answer = {
  kind: null,
  choices: [],
  response_id: null,
  model: null,
  provider: null,
  usage: null,
  failure: null,
  attributes: {},
  isPending: false,
};

/** Reads an answer; null for a value that is none. `ends` is how many finish reasons the span states. */
export function readAnswer(value: JsonValue | undefined, ends = 0, depth = 0): Answer | null {
  const opened = openValue(value);
  if (opened === undefined || opened === null || opened === '' || depth > MAX_DEPTH) return null;
  if (!isObject(opened) && !isList(opened))
    return { ...NOTHING, choices: readMessages(opened, 'assistant') };
  if (isList(opened)) return readItems(opened, ends, depth);
  const known = isFramed(opened) ? null : readResponse(opened);
  if (
    known !== null &&
    (known.choices.length > 0 ||
      known.failure !== null ||
      known.kind === 'embedding' ||
      known.isPending)
  ) {
    return withFacts(known, opened);
  }
  return readFramed(opened, ends, depth) ?? known;
}

/** Whether messages inside have forms that only this room reads. */
function isFramed(value: JsonObject): boolean {
  const { choices, generations, messages, message } = value;
  // Genkit: `{message: {role: 'model', content: […]}, finishReason, usage}`
  if (isObject(message) && isList(message.content) && 'finishReason' in value) return true;
  const [list] = [choices, generations, messages].filter(isList);
  const first = isList(list?.[0]) ? list[0][0] : list?.[0];
  return (
    typeof first === 'string' ||
    (isObject(first) && isObject(first.message) && isObject(first.message.kwargs))
  );
}

function readFramed(body: JsonObject, ends: number, depth: number): Answer | null {
  for (const key of WRAPPERS) {
    const held = openValue(body[key]);
    if (
      !isObject(held) ||
      body.choices !== undefined ||
      (key === 'output' && held.message !== undefined)
    )
      continue;
    if (firstOf(held, TELLING) === undefined) continue;
    const inner = readAnswer(held, ends, depth + 1);
    if (inner !== null) return withFacts(inner, body);
  }
  const choices = choicesIn(body, ends);
  const { usage, finish } = readFacts(body);
  if (choices === null && usageOf(usage) === null) return null;
  const [only, ...more] = choices ?? [];
  if (only !== undefined && more.length === 0) only.finish_reason ??= text(finish);
  return withFacts({ ...NOTHING, choices: choices ?? [] }, body);
}

function choicesIn(body: JsonObject, ends: number): Message[] | null {
  const isMessage =
    roleWord(body.role) !== null ||
    roleWord(body.type) !== null ||
    body.lc !== undefined ||
    body.tool_calls !== undefined ||
    body.toolCalls !== undefined;
  if (body.choices === undefined && isMessage) {
    return readMessages([plainMessage(body)], 'assistant');
  }
  for (const key of CHOICES) {
    const held = openValue(firstOf(body, [key]));
    if (held === undefined || held === null || held === '') continue;
    if (typeof held === 'number' || typeof held === 'boolean') continue;
    if (typeof held === 'string') return readMessages(held, 'assistant');
    const messages = isList(held)
      ? readChoiceList(held)
      : readConversation(held, { role: 'assistant', takesText: true });
    if (messages === null) continue;
    return isList(held) && !LISTS_OF_CHOICES.has(key) ? joinPieces(held, messages, ends) : messages;
  }
  return null;
}

/** Messages of a list, each item at least one; a choice that reads as several is one. */
function readChoiceList(list: readonly JsonValue[]): Message[] | null {
  return readConversation(list, { role: 'assistant', takesText: true });
}

function readItems(list: readonly JsonValue[], ends: number, depth: number): Answer | null {
  const only = list.length === 1 ? openValue(list[0]) : undefined;
  if (isObject(only) && LISTED.some((key) => isList(openValue(only[key])))) {
    return readAnswer(only, ends, depth + 1);
  }
  const messages = readChoiceList(list);
  if (messages === null) return null;
  const answer = { ...NOTHING, choices: joinPieces(list, messages, ends) };
  if (list.every((item) => isObject(item) && isPlain(item))) return answer;
  return list.reduce<Answer>((sum, item) => (isObject(item) ? withFacts(sum, item) : sum), answer);
}

/**
 * Items of one answer are one choice: reasoning, calls and one text, the items of Responses, the pieces
 * of a stream. Messages that stand for choices stay apart: several texts, each with an end of its own,
 * or with as many ends as texts.
 */
export function joinPieces(
  items: readonly JsonValue[],
  messages: readonly Message[],
  ends: number,
): Message[] {
  const said = messages.filter(({ role }) => role === 'assistant' || role === null);
  if (said.length < 2) return said.length > 0 ? said : [...messages];
  const texts = said.filter(({ content }) => content !== null).length;
  const finished = said.filter(({ finish_reason }) => finish_reason !== null).length;
  const isPieces = items.some(isItem) || said.some(isThought);
  if (!isPieces && texts > 1 && !(ends === 1 && finished <= 1)) return said;
  if (!isPieces && texts <= 1 && finished > 1 && ends !== 1) return said;
  const whole = mergeMessages(said);
  return whole === null ? [] : [whole];
}

/** A message of thoughts alone, which the answer follows. */
const isThought = ({ content, parts, calls }: Message): boolean =>
  content === null && calls.length === 0 && parts?.length === 1 && parts[0]?.type === 'reasoning';

function isItem(value: JsonValue): boolean {
  const item = openValue(value);
  if (!isObject(item) || item.role === 'user') return false;
  if (Object.keys(item).join() === 'function_call') return true;
  return (
    item.type === 'message' ||
    item.type === 'reasoning' ||
    (item.role === undefined && isPartType(item.type))
  );
}

/**
 * What an answer says of its call, where better keys have all of its choices; null if it may have more
 * than those, or states more than facts.
 */
export function readFactsAlone(value: JsonValue | undefined, choices: number): Answer | null {
  if (!isObject(value) || value.error != null) return null;
  const { choices: list, candidates, generations, usage } = value;
  const many =
    list ??
    candidates ??
    (isList(generations) && isList(generations[0]) ? generations[0] : generations);
  if (isList(many) && many.length > choices) return null;
  if (isObject(usage) && usage.cost !== undefined) return null;
  return WRAPPERS.some((key) => isObject(value[key])) ? null : withFacts(NOTHING, value);
}

/** What a body says of its call besides the answer, also in the metadata of its messages. */
function withFacts(answer: Answer, body: JsonObject): Answer {
  if (answer.model !== null && answer.response_id !== null && answer.usage !== null) return answer;
  const filled = { ...answer };
  for (const place of factsOf(body)) {
    const { model, id, usage } = readFacts(place);
    filled.model ??= text(isObject(model) ? (model.modelId ?? model.name) : model);
    // The id of a message is that of one item, unless it is the whole response.
    if (place.type !== 'message' || model !== undefined || usage !== undefined)
      filled.response_id ??= responseId(id);
    const counts = usageOf(usage);
    filled.usage = filled.usage === null ? counts : complete(filled.usage, counts);
  }
  return filled;
}

function responseId(value: JsonValue | undefined): string | null {
  const id = text(value);
  return id !== null && MADE_UP_ID.test(id) ? null : id;
}

/** Ids that frameworks make up, and words for none. */
const MADE_UP_ID = /^$|^(lc_)?run-|^__fake_id__|^None$|^unknown/;

function usageOf(value: JsonValue | undefined): Usage | null {
  const held = openValue(value);
  if (!isObject(held)) return null;
  const usage = usageOfBody(held);
  return usage === null || usage.prompt === null ? usageIn(held) : usage;
}

function factsOf(body: JsonObject): JsonObject[] {
  const places = [body];
  const [generation] = [body.generations, body.choices, body.messages, body.replies].filter(isList);
  const first = isList(generation?.[0])
    ? generation[0][0]
    : (generation?.at(-1) ?? generation?.[0]);
  for (
    let at = openValue(first ?? body.message ?? body.generation ?? body.kwargs), level = 0;
    isObject(at) && level < 3;
    level++
  ) {
    places.push(at);
    for (const key of FACTS) {
      const facts = openValue(at[key]);
      if (isObject(facts)) places.push(facts);
    }
    at = openValue(at.message ?? at.kwargs);
  }
  for (const key of FACTS) {
    const facts = openValue(body[key]);
    if (isObject(facts)) places.push(facts);
  }
  return places;
}
