/** The messages of a call, from the best place that has them. */
import { isList, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { type Answer, joinPieces, readAnswer } from '../forms/answers.ts';
import { readConversation, readTranscript } from '../forms/conversation.ts';
import type { Attributes, OtelSpan } from '../forms/otel-span.ts';
import { mergeTurns } from '../provider/message.ts';
import type { Message } from '../provider/model.ts';
import { readMessages } from '../provider/request.ts';
import { ITEM_LISTS } from '../sources/producers.ts';
import { REPORTS } from '../sources/words.ts';
import { fill, isWhole, joinTurns } from './fill.ts';
import { type Candidate, type Found, isInEvent } from './found.ts';

/** Lists of messages in attributes, in order of trust, until nothing is open. */
export function promptsOf(found: Found, fromEvents: Message[] | null): Message[] {
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
  const messages =
    transcript ?? readConversation(value, { role: 'user', takesText: true, isList: true });
  return messages !== null && ITEM_LISTS.has(candidate.held.key)
    ? joinTurns(messages, mergeTurns)
    : messages;
}

/** The choices in attributes; `note` takes what else their answers state. */
export function choicesOf(
  found: Found,
  reasons: readonly string[],
  note: (answer: Answer) => void,
): Message[] {
  const ends = reasons.length;
  let choices: Message[] = [];
  for (const candidate of found.all('choices')) {
    if (isWhole(choices)) break;
    const value = found.open(candidate);
    const answer = readAnswer(value, ends);
    if (answer === null) continue;
    note(answer);
    const isItems = ITEM_LISTS.has(candidate.held.key);
    const given = isItems
      ? mergeTurns([answer.choices])
      : joinPieces(isList(value) ? value : [], answer.choices, ends);
    if (choices.length === 0 && found.told === 'llm')
      candidate.held.isRead = isList(value) && isOneByOne(value, given, reasons);
    choices = fill(choices, given);
  }
  return choices;
}

/** Whether each item of a list is a choice of its own, with the finish reason that the span states. */
function isOneByOne(
  list: readonly JsonValue[],
  choices: readonly Message[],
  reasons: readonly string[],
): boolean {
  return (
    list.length === choices.length &&
    choices.every(
      ({ finish_reason }, at) => finish_reason === null || finish_reason === reasons[at],
    )
  );
}

/** An answer of no known form is what was said, also if it looks like JSON. */
export function saidIn(found: Found): Message[] {
  for (const { held } of [...found.all('choices'), ...found.all('response')]) {
    const isSaid =
      typeof held.sent === 'string' && !/^\s*(\[\s*\]|\{\s*\}|""|null)\s*$/.test(held.sent);
    if (isSaid) return readMessages(held.sent, 'assistant');
  }
  return [];
}

/** Whether the request of a streamed call is all that a span tells, where another tells of the response. */
export function isReport(found: Found): boolean {
  const isStreamed = found.first('request', (value, { held }) =>
    REPORTS.has(held.key) && isObject(value) && value.stream === true ? true : null,
  );
  return isStreamed === true && !found.has('response');
}

/** The items of a whole request in the text of its only message. */
export function itemsIn(prompts: Message[]): Message[] {
  const [only, ...more] = prompts;
  if (more.length > 0 || only?.role !== 'user' || only.parts !== null) return prompts;
  return readConversation(only.content, { role: 'user', takesText: false }) ?? prompts;
}

/** Some list the answer among the prompts as well. */
export function withoutAnswer(prompts: Message[], choices: readonly Message[]): Message[] {
  const last = prompts.at(-1);
  const [choice, ...more] = choices;
  if (prompts.length < 2 || last?.role !== 'assistant' || choice === undefined || more.length > 0)
    return prompts;
  const isSame =
    last.content === choice.content && JSON.stringify(last.parts) === JSON.stringify(choice.parts);
  return isSame && (last.content ?? last.parts) !== null ? prompts.slice(0, -1) : prompts;
}

/** The events of the span, and those that some write as a list into one attribute. */
export function eventsOf(
  { events }: OtelSpan,
  found: Found,
): { name: string; attributes: Attributes }[] {
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
