/** The expected token counts of a call: those of the provider, as far as they are on the wire. */
import type { ExpectedCall } from './capture.ts';
import { isFields, type Json, parsed } from './values.ts';

export const TOKENS = [
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'cached_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
] as const;

export type TokenColumn = (typeof TOKENS)[number];

export interface Accepted {
  /** Whether the value is required. */
  must: boolean;
  accept: readonly (number | null)[];
}

const KEYS = {
  input: [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'llm.token_count.prompt',
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
    'ai.usage.tokens',
  ],
  output: [
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.token_count.completion',
    'ai.usage.outputTokens',
    'ai.usage.completionTokens',
  ],
  total: [
    'gen_ai.usage.total_tokens',
    'llm.usage.total_tokens',
    'llm.token_count.total',
    'ai.usage.totalTokens',
  ],
  read: ['gen_ai.usage.cache_read.input_tokens'],
  write: ['gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_write.input_tokens'],
} as const;

const MENTIONS: readonly (readonly [TokenColumn, truth: string, words: readonly string[]])[] = [
  ['cached_tokens', 'cached_tokens', ['cached', 'cache_read', 'cacheread']],
  [
    'cache_write_tokens',
    'cache_creation_tokens',
    ['cache_creation', 'cachecreation', 'cache_write', 'cachewrite'],
  ],
  ['reasoning_tokens', 'reasoning_tokens', ['reason']],
];

export function isEmbedding(call: ExpectedCall): boolean {
  return call.api.includes('embeddings');
}

export function expectedUsage(call: ExpectedCall): Record<TokenColumn, Accepted> {
  const truth = call.usage ?? {};
  const reported = call.wire.usage_as_reported ?? {};
  const missing = new Set(call.wire.missing ?? []);
  const embedding = isEmbedding(call);
  const raw = (keys: readonly string[]) => keys.map((key) => reported[key]).find(isNumber) ?? null;
  const [input, output, total] = [raw(KEYS.input), raw(KEYS.output), raw(KEYS.total)];
  const details = detailsOf(reported);

  const prompt = accepted(truth.prompt_tokens, missing.has('usage.prompt_tokens'), input, [
    sum(input, raw(KEYS.read), raw(KEYS.write)),
    sum(
      details.input,
      details.input_cached_tokens,
      details.cache_read_input_tokens,
      details.cache_creation_input_tokens,
    ),
  ]);
  // Gemini counts its thoughts beside the candidates.
  const thoughts = call.api.includes('gemini') ? (truth.reasoning_tokens ?? 0) : 0;
  const answered =
    truth.completion_tokens === undefined ? undefined : truth.completion_tokens + thoughts;
  const completion = accepted(answered, missing.has('usage.completion_tokens'), output, [
    sum(details.output, details.output_reasoning_tokens),
  ]);
  const knowsBoth =
    prompt.must &&
    completion.must &&
    prompt.accept.includes(truth.prompt_tokens ?? null) &&
    completion.accept.includes(answered ?? null);

  const usage: Partial<Record<TokenColumn, Accepted>> = {
    prompt_tokens: prompt,
    completion_tokens: completion,
  };
  usage.total_tokens = totalOf();
  for (const [column, name, words] of MENTIONS) usage[column] = detailOf(name, words);
  if (embedding)
    for (const column of TOKENS)
      usage[column] = { must: false, accept: usage[column]?.accept ?? [] };
  return usage as Record<TokenColumn, Accepted>;

  function totalOf(): Accepted {
    if (truth.total_tokens === undefined) return { must: false, accept: [] };
    if (!missing.has('usage.total_tokens') || knowsBoth)
      return { must: true, accept: [truth.total_tokens] };
    if (total === null && (input === null || output === null))
      return { must: false, accept: embedding ? [truth.total_tokens] : [] };
    return { must: true, accept: [total, sum(input, output), null] };
  }

  function detailOf(name: string, words: readonly string[]): Accepted {
    const value = truth[name];
    if (value !== undefined && !missing.has(`usage.${name}`))
      return { must: value !== 0, accept: [value] };
    const mentioned = words.some((word) => JSON.stringify(reported).toLowerCase().includes(word));
    return { must: false, accept: [...(value ? [value] : []), ...(mentioned ? [0] : [])] };
  }
}

function accepted(
  truth: number | undefined,
  isMissing: boolean,
  raw: number | null,
  derived: readonly (number | null)[],
): Accepted {
  if (truth === undefined) return { must: false, accept: [] };
  if (!isMissing || raw === truth || derived.includes(truth))
    return { must: true, accept: [truth] };
  // Only another number is on the wire (an estimate, or one without the cache): that one, or none.
  return raw === null ? { must: false, accept: [] } : { must: true, accept: [raw, null] };
}

function detailsOf(reported: { [key: string]: Json }): { [name: string]: number | null } {
  const details = parsed(reported['langfuse.observation.usage_details']);
  if (!isFields(details)) return {};
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, isNumber(value) ? value : null]),
  );
}

function isNumber(value: Json): value is number {
  return typeof value === 'number';
}

function sum(
  first: number | null | undefined,
  ...rest: readonly (number | null | undefined)[]
): number | null {
  return first === null || first === undefined
    ? null
    : rest.reduce<number>((all, value) => all + (value ?? 0), first);
}
