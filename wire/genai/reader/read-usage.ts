/** The token counts of a call, each from the best place that has it. */
import { LIMITS } from '../../protocol.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { usageIn } from '../forms/usage-names.ts';
import type { Usage } from '../provider/model.ts';
import { type Cache, complete, settle, usageOfBody } from '../provider/usage.ts';
import { USAGE_FORMS } from '../sources/usage-forms.ts';
import type { ScopeFacts } from '../sources/words.ts';
import type { Candidate, Found } from './found.ts';

/** Providers, or models behind a gateway, that count cached tokens beside the input. */
const MAY_COUNT_APART = /anthropic|bedrock|claude/i;

/** Under this name the Agent Development Kit counts thoughts beside the output. */
const THOUGHTS_APART = 'experimental.reasoning_tokens';

interface Caller {
  provider: string | null;
  model: string | null;
  facts: ScopeFacts;
}

/** Whether attributes state any count of the whole call. */
export function isCounted({ prompt, completion, total }: Usage): boolean {
  return prompt !== null || completion !== null || total !== null;
}

/** The usage that the attributes state; that of bodies completes it. */
export function readUsage(found: Found, caller: Caller): Usage {
  let usage = settleCounts(found, caller);
  for (const candidate of found.all('usage')) {
    if (hasNothingNew(usage, candidate)) continue;
    const value = found.open(candidate);
    if (!isObject(value)) continue;
    const form = USAGE_FORMS.get(candidate.held.key);
    if (form !== undefined) usage = form(value, usage, (key) => found.isPresent(key));
    else usage = completed(usage, usageOfObject(value));
  }
  return usage;
}

const DETAIL = /cache|reason|thought/i;

/** Whether a text has no counts but those that are known. */
function hasNothingNew(usage: Usage, { held, place }: Candidate): boolean {
  if (usage.prompt === null || usage.completion === null || usage.total === null) return false;
  if (place.within !== null || USAGE_FORMS.has(held.key) || held.isOpen) return false;
  return typeof held.value === 'string' && !DETAIL.test(held.value);
}

function usageOfObject(value: JsonValue): Usage | null {
  const ofBody = usageOfBody(value);
  if (ofBody !== null && ofBody.prompt !== null) return ofBody;
  return isObject(value) ? usageIn(value) : null;
}

/** Fills unknown counts; a zero also stands for an unknown one. */
export function completed(usage: Usage, other: Usage | null): Usage {
  if (other === null) return usage;
  const filled = complete(usage, other);
  for (const field of DETAILS) {
    const more = other[field];
    if (filled[field] === 0 && more !== null) filled[field] = more;
  }
  return filled;
}

const DETAILS = ['cached', 'cache_write', 'reasoning'] as const;

function settleCounts(found: Found, caller: Caller): Usage {
  const usage = { ...found.counts };
  if (usage.reasoning !== null && found.nameOfCount('reasoning') === THOUGHTS_APART) {
    if (usage.completion !== null) usage.completion += usage.reasoning;
  }
  const { prompt, completion, total } = usage;
  if (prompt === null && completion === null && total === null) return usage;
  const { cacheApart } = caller.facts;
  const sum = (prompt ?? 0) + (completion ?? 0);
  const cache = (usage.cached ?? 0) + (usage.cache_write ?? 0);
  const isDenied = total === sum && cache <= (prompt ?? 0);
  if (cacheApart === 'always' && total === sum) usage.total = null;
  const isBeside = cacheApart === 'always' || (cacheApart !== undefined && !isDenied);
  return settle(usage, isBeside ? 'apart' : cacheOf(caller));
}

function cacheOf({ provider, model }: Caller): Cache {
  return MAY_COUNT_APART.test(`${provider} ${model}`) ? 'unknown' : 'inside';
}

/** Counts of attributes and of the response; counts under flat keys are copies of those of the response. */
export function usageOf(stated: Usage, ofBody: Usage | null, areCopies: boolean): Usage {
  const hasPrompt = ofBody !== null && ofBody.prompt !== null;
  // The Agent Development Kit states the output without the thoughts that the response counts.
  const hasThoughts =
    hasPrompt &&
    ofBody.prompt === stated.prompt &&
    ofBody.reasoning !== null &&
    ofBody.completion === (stated.completion ?? 0) + ofBody.reasoning;
  const isBetter = hasPrompt && (areCopies || hasThoughts);
  return isBetter ? completed(ofBody, stated) : completed(stated, ofBody);
}

/** The total, or what follows from its parts. */
export function totalOf({ prompt, completion, total }: Usage): number | null {
  if (total !== null || prompt === null || completion === null) return total;
  const sum = prompt + completion;
  return sum <= LIMITS.maxCount ? sum : null;
}
