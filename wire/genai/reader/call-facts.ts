/** What a span states of a call besides its messages. */
import { isList, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { Answer } from '../forms/answers.ts';
import { firstPieceAt } from '../forms/event-messages.ts';
import { openValue } from '../forms/open-value.ts';
import type { OtelSpan } from '../forms/otel-span.ts';
import type { Failure, Usage } from '../provider/model.ts';
import { PLACEHOLDERS, type ScopeFacts } from '../sources/words.ts';
import type { Found } from './found.ts';
import { completed } from './read-usage.ts';

/** What the bodies of answers add to the attributes. */
export interface Facts {
  model: string | null;
  responseId: string | null;
  provider: string | null;
  usage: Usage | null;
  failure: Failure | null;
  attributes: JsonObject;
  isPending: boolean;
  isEmbedding: boolean;
}

export function noFacts(): Facts {
  return {
    model: null,
    responseId: null,
    provider: null,
    usage: null,
    failure: null,
    attributes: {},
    isPending: false,
    isEmbedding: false,
  };
}

export function addFacts(body: Facts, answer: Answer): void {
  body.model ??= answer.model;
  body.responseId ??= answer.response_id;
  body.provider ??= answer.provider;
  body.usage = body.usage === null ? answer.usage : completed(body.usage, answer.usage);
  body.failure ??= answer.failure;
  body.attributes = { ...answer.attributes, ...body.attributes };
  body.isPending ||= answer.isPending;
  body.isEmbedding ||= answer.kind === 'embedding';
}

/** A word of a body that is no placeholder. */
export function placed(slot: 'modelAnswered' | 'responseId', word: string | null): string | null {
  return word !== null && PLACEHOLDERS[slot]?.test(word) !== true ? word : null;
}

/** The model that a request names. */
export function modelOfRequest(found: Found): string | null {
  return found.first('request', (value) => {
    if (!isObject(value)) return null;
    const { model, modelId } = value;
    return text(isObject(model) ? model.modelId : model) ?? text(modelId);
  });
}

/** One for each choice: a list, its JSON text, or words separated by commas. */
export function finishReasons(found: Found): string[] {
  const reasons = found.first('finishReasons', (value) => {
    const opened = openValue(value);
    if (!isList(opened))
      return text(opened) === null
        ? null
        : (opened as string).split(',').map((word) => word.trim());
    const words = opened.map((word) => text(word) ?? '');
    return words.some((word) => word !== '') ? words : null;
  });
  return reasons ?? [];
}

export function firstTokenMillis(
  span: OtelSpan,
  found: Found,
  { secondsAre }: ScopeFacts,
): number | null {
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
