/** The call of a model that a span tells of: its messages, each from the best place, filled from others. */
import { isList, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { type Answer, joinPieces, readAnswer, readFactsAlone } from '../forms/answers.ts';
import { readConversation, readInstructions, readTranscript } from '../forms/conversation.ts';
import { firstPieceAt, listOfChoices, messagesOfEvents } from '../forms/event-messages.ts';
import { openValue } from '../forms/open-value.ts';
import type { Attributes, OtelSpan } from '../forms/otel-span.ts';
import { mergeTurns } from '../provider/message.ts';
import { readMessages } from '../provider/request.ts';
import type { Failure, Message, ModelCall, SpanKind, Usage } from '../provider/model.ts';
import { ITEM_LISTS } from '../sources/producers.ts';
import { PLACEHOLDERS, REPORTS, type ScopeFacts } from '../sources/words.ts';
import { fill, isMasked, isWhole, joinTurns } from './fill.ts';
import { type Candidate, type Found, isInEvent } from './found.ts';
import { Stored, unread } from './leftovers.ts';
import { nameResults } from './name-results.ts';
import { completed, isCounted, readUsage, totalOf, usageOf } from './read-usage.ts';
import { providerName } from '../sources/provider-names.ts';

/** A call, and what its answer states besides. */
export interface CallReading {
  call: ModelCall;
  failure: Failure | null;
  attributes: JsonObject;
  /** Whether an answer was an embedding. */
  isEmbedding: boolean;
  isMasked: boolean;
  /** The leaves of the messages, if they had to be known. */
  stored: Stored | null;
}

/** What the bodies of answers add to the attributes. */
interface Facts {
  model: string | null;
  responseId: string | null;
  provider: string | null;
  usage: Usage | null;
  failure: Failure | null;
  attributes: JsonObject;
  isPending: boolean;
  isEmbedding: boolean;
}

/** Reads what a span says of a call; null when it says nothing of one. */
export function readCall(span: OtelSpan, found: Found, facts: ScopeFacts): CallReading | null {
  const { told } = found;
  const body: Facts = {
    model: null,
    responseId: null,
    provider: null,
    usage: null,
    failure: null,
    attributes: {},
    isPending: false,
    isEmbedding: false,
  };
  const reasons = finishReasons(found);
  const fromEvents = messagesOfEvents(eventsOf(span, found));
  const bodies = fromEvents === null && told === 'llm' ? readBodies(found, reasons.length) : null;
  const whole = bodies?.stored ? bodies : null;
  let prompts = whole?.prompts ?? promptsOf(found, fromEvents?.prompts ?? null);
  let choices = whole?.answer.choices ?? choicesOf(found, reasons.length, body);
  if (whole !== null) addFacts(body, whole.answer);
  if (fromEvents !== null) choices = fill(choices, listOfChoices(fromEvents));

  let answers: readonly Answer[] = [];
  const asked = found.word('modelAsked');
  const answered = found.word('modelAnswered');
  const isModel = asked !== null || answered !== null;
  const isTold = told === 'llm' || told === 'embedding' || isModel;
  if (whole === null && (isTold || (told === undefined && found.word('toolName') === null))) {
    answers = bodies === null ? answersOf(found, reasons.length, choices) : [bodies.answer];
    // Where nothing says that this is a call, an answer that counts its tokens or names its model does.
    const isCall = isTold || answers.some(({ choices, usage, model }) => choices.length > 0 && (usage ?? model) !== null);
    if (isCall) {
      if (told !== 'embedding') prompts = bodies === null ? fillFromRequests(found, prompts, told === 'llm') : fill(prompts, joinTurns(bodies.prompts, mergeTurns));
      for (const answer of answers) {
        if (answer.choices.length > 0) choices = fill(choices, joinPieces([], answer.choices, reasons.length));
        addFacts(body, answer);
      }
    }
  }
  const isSaid = choices.length === 0 && answers.length === 0 && told === 'llm';
  if (isSaid) choices = saidIn(found);
  if (choices.length === 0 && isReport(found)) return null;
  if (facts.textsHoldItems === true) prompts = itemsIn(prompts);
  nameResults(prompts);
  prompts = withoutAnswer(prompts, choices);
  const instructions = prompts[0]?.role === 'system' ? null : found.first('instructions', readInstructions);
  if (instructions !== null) prompts = [...instructions, ...prompts];

  const provider = providerName(found.word('provider')) ?? body.provider;
  const model = answered ?? placed('modelAnswered', body.model) ?? asked ?? modelOfRequest(found);
  const usage = usageOf(readUsage(found, { provider, model, facts }), body.usage, found.areFlatCounts);
  usage.total = totalOf(usage);
  const isStated = prompts.length > 0 || choices.length > 0 || isCounted(usage) || isTold || body.failure !== null || body.isPending;
  if (!isStated) return null;
  const call: ModelCall = {
    prompts,
    choices,
    usage,
    model,
    provider,
    response_id: found.word('responseId') ?? placed('responseId', body.responseId),
    finish_reasons: reasons,
    time_to_first_token_ms: firstTokenMillis(span, found, facts),
    ...(body.isPending ? { isPending: true } : {}),
  };
  return {
    call,
    failure: body.failure,
    attributes: body.attributes,
    isEmbedding: body.isEmbedding,
    isMasked: whole === null && (isMasked(prompts) || isMasked(choices)),
    stored: whole?.stored ?? null,
  };
}

interface Bodies {
  prompts: Message[];
  answer: Answer;
  /** The leaves of the messages; null where flat keys say something else. */
  stored: Stored | null;
}

/**
 * Request and response, where they say all that the flat keys beside them say. Filling the flat keys from
 * them would make the same messages, in more time.
 */
function readBodies(found: Found, ends: number): Bodies | null {
  const request = bodyOf(found, 'request');
  const response = bodyOf(found, 'response');
  if (request === null || response === null || !isFlat(found, 'prompts') || !isFlat(found, 'choices')) return null;
  const prompts = readConversation(found.open(request), { role: 'user', takesText: false });
  const answer = prompts === null ? null : readAnswer(found.open(response), ends);
  if (prompts === null || answer === null) return null;
  const stored = new Stored();
  stored.addMessages(prompts);
  stored.addMessages(answer.choices);
  const isEqual = found.content.every(({ value, isSaid }) => !isSaid || unread(value, stored) === undefined);
  return { prompts, answer, stored: isEqual ? stored : null };
}

/** The only place of a body, which is JSON. */
function bodyOf(found: Found, slot: 'request' | 'response'): Candidate | null {
  const [body, ...more] = found.all(slot);
  const isAlone = body !== undefined && more.every(({ place }) => place.isGuess);
  return isAlone && typeof body.held.value === 'string' && /^[{[]/.test(body.held.value) ? body : null;
}

/** Whether the only place of messages are flat keys. */
function isFlat(found: Found, slot: 'prompts' | 'choices'): boolean {
  const [flat, ...more] = found.all(slot);
  return flat !== undefined && flat.held.tree !== null && more.length === 0;
}

/** A word of a body that is no placeholder. */
function placed(slot: 'modelAnswered' | 'responseId', word: string | null): string | null {
  return word !== null && PLACEHOLDERS[slot]?.test(word) !== true ? word : null;
}

function addFacts(body: Facts, answer: Answer): void {
  body.model ??= answer.model;
  body.responseId ??= answer.response_id;
  body.provider ??= answer.provider;
  body.usage = body.usage === null ? answer.usage : completed(body.usage, answer.usage);
  body.failure ??= answer.failure;
  body.attributes = { ...answer.attributes, ...body.attributes };
  body.isPending ||= answer.isPending;
  body.isEmbedding ||= answer.kind === 'embedding';
}

/** Lists of messages in attributes, in order of trust, until nothing is open. */
function promptsOf(found: Found, fromEvents: Message[] | null): Message[] {
  let prompts: Message[] = [];
  for (const candidate of found.all('prompts')) {
    if (isWhole(prompts)) break;
    const messages = readPrompts(found, candidate);
    if (messages === null) continue;
    if (prompts.length === 0) candidate.held.isRead = true;
    prompts = fill(prompts, messages);
  }
  return fill(prompts, fromEvents);
}

function readPrompts(found: Found, candidate: Candidate): Message[] | null {
  const value = found.open(candidate);
  const transcript = isInEvent(candidate) ? readTranscript(value ?? null) : null;
  const messages = transcript ?? readConversation(value, { role: 'user', takesText: true, isList: true });
  return messages !== null && ITEM_LISTS.has(candidate.held.key) ? joinTurns(messages, mergeTurns) : messages;
}

function choicesOf(found: Found, ends: number, body: Facts): Message[] {
  let choices: Message[] = [];
  for (const candidate of found.all('choices')) {
    if (isWhole(choices)) break;
    const value = found.open(candidate);
    const answer = readAnswer(value, ends);
    if (answer === null) continue;
    addFacts(body, answer);
    const isItems = ITEM_LISTS.has(candidate.held.key);
    choices = fill(choices, isItems ? mergeTurns([answer.choices]) : joinPieces(isList(value) ? value : [], answer.choices, ends));
  }
  return choices;
}

function answersOf(found: Found, ends: number, known: readonly Message[]): Answer[] {
  const answers: Answer[] = [];
  for (const candidate of found.all('response')) {
    const value = found.open(candidate);
    const facts = isWhole(known) ? readFactsAlone(value, known.length) : null;
    const answer = facts ?? readAnswer(value, ends);
    if (answer !== null) answers.push(answer);
  }
  return answers;
}

/** Requests, where the lists of messages leave something open. */
function fillFromRequests(found: Found, known: Message[], isCall: boolean): Message[] {
  let prompts = known;
  for (const candidate of found.all('request')) {
    if (isWhole(prompts) && !mayAddSystem(candidate, prompts)) continue;
    const value = found.open(candidate);
    if (prompts.length > 0 && isWhole(prompts) && sizeOf(value) <= prompts.length) continue;
    const takesText = isCall && prompts.length === 0;
    const messages = readConversation(value, { role: 'user', takesText });
    if (messages !== null) prompts = fill(prompts, joinTurns(messages, mergeTurns));
  }
  return prompts;
}

const SYSTEM = /system|instructions|preamble/;

/** Whether a request may have more messages than a whole list: the system prompt, or parallel results. */
function mayAddSystem({ held }: Candidate, prompts: readonly Message[]): boolean {
  if (isMasked(prompts)) return false;
  if (prompts.some(({ role }) => role === 'tool')) return true;
  if (prompts[0]?.role === 'system') return false;
  return typeof held.value !== 'string' || SYSTEM.test(held.value);
}

/** How many messages a request has at most; a message of Anthropic may hold several results. */
function sizeOf(request: JsonValue | undefined): number {
  if (!isObject(request)) return Number.POSITIVE_INFINITY;
  const { messages, system, instructions } = request;
  if (!isList(messages)) return Number.POSITIVE_INFINITY;
  let size = (system ?? instructions) == null ? 0 : 1;
  for (const message of messages) {
    const content = isObject(message) ? message.content : null;
    const results = isList(content) ? content.filter((part) => isObject(part) && part.type === 'tool_result') : [];
    size += Math.max(1, results.length + (isList(content) && content.length > results.length && results.length > 0 ? 1 : 0));
  }
  return size;
}

/** An answer of no known form is what was said, also if it looks like JSON. */
function saidIn(found: Found): Message[] {
  for (const { held } of [...found.all('choices'), ...found.all('response')]) {
    if (typeof held.sent === 'string') return readMessages(held.sent, 'assistant');
  }
  return [];
}

/** Whether the request of a streamed call is all that a span tells, where another tells of the response. */
function isReport(found: Found): boolean {
  const isStreamed = found.first('request', (value, { held }) =>
    REPORTS.has(held.key) && isObject(value) && value.stream === true ? true : null,
  );
  return isStreamed === true && !found.has('response');
}

/** The model that a request names. */
function modelOfRequest(found: Found): string | null {
  return found.first('request', (value) => {
    if (!isObject(value)) return null;
    const { model, modelId } = value;
    return text(isObject(model) ? model.modelId : model) ?? text(modelId);
  });
}

/** The items of a whole request in the text of its only message. */
function itemsIn(prompts: Message[]): Message[] {
  const [only, ...more] = prompts;
  if (more.length > 0 || only?.role !== 'user' || only.parts !== null) return prompts;
  return readConversation(only.content, { role: 'user', takesText: false }) ?? prompts;
}

/** Some list the answer among the prompts as well. */
function withoutAnswer(prompts: Message[], choices: readonly Message[]): Message[] {
  const last = prompts.at(-1);
  const [choice, ...more] = choices;
  if (prompts.length < 2 || last?.role !== 'assistant' || choice === undefined || more.length > 0) return prompts;
  const isSame = last.content === choice.content && JSON.stringify(last.parts) === JSON.stringify(choice.parts);
  return isSame && (last.content ?? last.parts) !== null ? prompts.slice(0, -1) : prompts;
}

/** The events of the span, and those that some write as a list into one attribute. */
function eventsOf({ events }: OtelSpan, found: Found): { name: string; attributes: Attributes }[] {
  const listed = found.all('events').flatMap((candidate) => {
    const list = found.open(candidate);
    return isList(list) ? list.flatMap(namedEvent) : [];
  });
  return listed.length > 0 ? [...events, ...listed] : events;
}

function namedEvent(value: JsonValue): { name: string; attributes: Attributes }[] {
  const name = isObject(value) ? text(value['event.name']) : null;
  return isObject(value) && name !== null ? [{ name, attributes: { ...value } }] : [];
}

/** One for each choice: a list, its JSON text, or words separated by commas. */
function finishReasons(found: Found): string[] {
  const reasons = found.first('finishReasons', (value) => {
    const opened = openValue(value);
    if (!isList(opened)) return text(opened) === null ? null : (opened as string).split(',').map((word) => word.trim());
    const words = opened.map((word) => text(word) ?? '');
    return words.some((word) => word !== '') ? words : null;
  });
  return reasons ?? [];
}

function firstTokenMillis(span: OtelSpan, found: Found, { secondsAre }: ScopeFacts): number | null {
  const millis = found.first('millisToFirst', durationOf);
  if (millis !== null) return millis;
  const seconds = found.first('secondsToFirst', durationOf);
  if (seconds !== null) return secondsAre === 'milliseconds' ? seconds : seconds * 1000;
  return millisBetween(span.started_at, firstPieceAt(span.events) ?? found.first('firstAt', text));
}

function durationOf(value: JsonValue): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

/** Milliseconds from the start of a span to a time; null when either is unknown or they are reversed. */
function millisBetween(start: string | null, at: string | null): number | null {
  if (start === null || at === null) return null;
  const millis = Date.parse(at) - Date.parse(start);
  return Number.isFinite(millis) && millis >= 0 ? millis : null;
}

/** Kinds of spans that have a call. */
export function isCallKind(kind: SpanKind): boolean {
  return kind === 'llm' || kind === 'embedding';
}
