/** Requests and responses as a whole, where lists of messages leave something open. */
import { isList } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { type Answer, readAnswer, readFactsAlone } from '../forms/answers.ts';
import { readConversation } from '../forms/conversation.ts';
import { mergeTurns } from '../provider/message.ts';
import type { Message } from '../provider/model.ts';
import { fill, isMasked, isWhole, joinTurns } from './fill.ts';
import type { Candidate, Found } from './found.ts';
import { Stored, unread } from './leftovers.ts';

export interface Bodies {
  prompts: Message[];
  answer: Answer;
  /** The leaves of the messages; null where flat keys say something else. */
  stored: Stored | null;
}

/**
 * Request and response, where they say all that the flat keys beside them say. Filling the flat keys from
 * them would make the same messages, in more time.
 */
export function readBodies(found: Found, ends: number): Bodies | null {
  const request = bodyOf(found, 'request');
  const response = bodyOf(found, 'response');
  if (
    request === null ||
    response === null ||
    !isFlat(found, 'prompts') ||
    !isFlat(found, 'choices')
  )
    return null;
  const prompts = readConversation(found.open(request), { role: 'user', takesText: false });
  const answer = prompts === null ? null : readAnswer(found.open(response), ends);
  if (prompts === null || answer === null) return null;
  const stored = new Stored();
  stored.addMessages(prompts);
  stored.addMessages(answer.choices, false);
  const isEqual = found.content.every(
    ({ value, isSaid }) => !isSaid || unread(value, stored) === undefined,
  );
  return { prompts, answer, stored: isEqual ? stored : null };
}

/** The only place of a body, which is JSON. */
function bodyOf(found: Found, slot: 'request' | 'response'): Candidate | null {
  const [body, ...more] = found.all(slot);
  const isAlone = body !== undefined && more.every(({ place }) => place.isGuess);
  return isAlone && typeof body.held.value === 'string' && /^[{[]/.test(body.held.value)
    ? body
    : null;
}

/** Whether the only place of messages are flat keys. */
function isFlat(found: Found, slot: 'prompts' | 'choices'): boolean {
  const [flat, ...more] = found.all(slot);
  return flat !== undefined && flat.held.tree !== null && more.length === 0;
}

export function answersOf(found: Found, ends: number, known: readonly Message[]): Answer[] {
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
export function fillFromRequests(found: Found, known: Message[], isCall: boolean): Message[] {
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
    const results = isList(content)
      ? content.filter((part) => isObject(part) && part.type === 'tool_result')
      : [];
    size += Math.max(
      1,
      results.length +
        (isList(content) && content.length > results.length && results.length > 0 ? 1 : 0),
    );
  }
  return size;
}
