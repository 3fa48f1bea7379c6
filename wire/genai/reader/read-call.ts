/** The call of a model that a span tells of: its messages, each from the best place, filled from others. */
import type { JsonObject } from '../../records.ts';
import { type Answer, joinPieces } from '../forms/answers.ts';
import { readInstructions } from '../forms/conversation.ts';
import { listOfChoices, messagesOfEvents } from '../forms/event-messages.ts';
import type { OtelSpan } from '../forms/otel-span.ts';
import { mergeTurns } from '../provider/message.ts';
import type { Failure, ModelCall, SpanKind } from '../provider/model.ts';
import { providerName } from '../sources/provider-names.ts';
import type { ScopeFacts } from '../sources/words.ts';
import { answersOf, fillFromRequests, readBodies } from './call-bodies.ts';
import {
  addFacts,
  finishReasons,
  firstTokenMillis,
  modelOfRequest,
  noFacts,
  placed,
} from './call-facts.ts';
import {
  choicesOf,
  eventsOf,
  isReport,
  itemsIn,
  promptsOf,
  saidIn,
  withoutAnswer,
} from './call-messages.ts';
import { fill, isMasked, joinTurns } from './fill.ts';
import type { Found } from './found.ts';
import type { Stored } from './leftovers.ts';
import { nameResults } from './name-results.ts';
import { isCounted, readUsage, totalOf, usageOf } from './read-usage.ts';

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

/** Reads what a span says of a call; null when it says nothing of one. */
export function readCall(span: OtelSpan, found: Found, facts: ScopeFacts): CallReading | null {
  const { told } = found;
  const body = noFacts();
  const reasons = finishReasons(found);
  const fromEvents = messagesOfEvents(eventsOf(span, found));
  const bodies = fromEvents === null && told === 'llm' ? readBodies(found, reasons.length) : null;
  const whole = bodies?.stored ? bodies : null;
  let prompts = whole?.prompts ?? promptsOf(found, fromEvents?.prompts ?? null);
  let choices =
    whole?.answer.choices ?? choicesOf(found, reasons, (answer) => addFacts(body, answer));
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
    const isCall =
      isTold ||
      answers.some(({ choices, usage, model }) => choices.length > 0 && (usage ?? model) !== null);
    if (isCall) {
      if (told !== 'embedding')
        prompts =
          bodies === null
            ? fillFromRequests(found, prompts, told === 'llm')
            : fill(prompts, joinTurns(bodies.prompts, mergeTurns));
      for (const answer of answers) {
        if (answer.choices.length > 0)
          choices = fill(choices, joinPieces([], answer.choices, reasons.length));
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
  const instructions =
    prompts[0]?.role === 'system' ? null : found.first('instructions', readInstructions);
  if (instructions !== null) prompts = [...instructions, ...prompts];

  const provider = providerName(found.word('provider')) ?? body.provider;
  const model = answered ?? placed('modelAnswered', body.model) ?? asked ?? modelOfRequest(found);
  const usage = usageOf(
    readUsage(found, { provider, model, facts }),
    body.usage,
    found.areFlatCounts,
  );
  usage.total = totalOf(usage);
  const isStated =
    prompts.length > 0 ||
    choices.length > 0 ||
    isCounted(usage) ||
    isTold ||
    body.failure !== null ||
    body.isPending;
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

/** Kinds of spans that have a call. */
export function isCallKind(kind: SpanKind): boolean {
  return kind === 'llm' || kind === 'embedding';
}
