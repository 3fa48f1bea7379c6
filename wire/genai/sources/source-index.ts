/**
 * All places of all producers by attribute key, so that reading a span takes time in proportion to its
 * keys rather than to the tables. What a key means is computed once.
 */
import { type Step, stepsOf } from '../forms/indexed-keys.ts';
import { COUNT_NAMES, type CountName } from '../forms/usage-names.ts';
import { type Producer, SLOTS, type Slot, TRUST } from './producer.ts';
import { PRODUCERS } from './producers.ts';
import { slotsOfWords } from './unknown-keys.ts';

/** A place of one value. */
export interface Place {
  slot: number;
  /** 0 is trusted most. */
  rank: number;
  /** Path inside the opened value; null for the value itself. */
  path: string | null;
  /** Whether the text is JSON also where it is a number or a word. */
  isJson: boolean;
  /** The name of an object of counts under a prefix of counts (`input_token_details`). */
  within: string | null;
  /** Whether only the words of the key say what it holds. */
  isGuess: boolean;
}

/** A token count that an attribute states. */
export interface CountPlace {
  field: CountName;
  rank: number;
  name: string;
  /** Whether the key is one of `flat` trust. */
  isFlat: boolean;
}

/** What one attribute key means. */
export interface KeyPlan {
  places: readonly Place[];
  /** The key is one leaf of the values at these places, under the rest of the key after `from`. */
  trees: readonly Tree[];
  count: CountPlace | null;
  /** The name of the member of the trace's metadata. */
  metadata: string | null;
  /** The values that columns hold word for word, as a bit for each slot; 0 for most keys. */
  content: number;
  /** Whether the key only gives a value its form, such as the role of a message. */
  isForm: boolean;
  /** Whether the key is a leaf that messages have: a text, a name, an id, or arguments. */
  isSaid: boolean;
}

interface Tree {
  /** What the key begins with, which is the same for all leaves of one value. */
  head: string;
  /** The path of the leaf below what all leaves share; null for one that is too deep or not ours. */
  steps: readonly Step[] | null;
  places: readonly Place[];
}

export const SLOT = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ SLOTS.map((slot, number) => [slot, number]),
) as { readonly [S in Slot]: number };

export const NOTHING: KeyPlan = {
  places: [],
  trees: [],
  count: null,
  metadata: null,
  content: 0,
  isForm: false,
  isSaid: false,
};

/** Values that columns hold word for word. What else a key means stays in the attributes as well. */
const CONTENT: readonly Slot[] = [
  'instructions',
  'prompts',
  'choices',
  'events',
  'request',
  'response',
  'toolArguments',
  'toolResult',
  'input',
  'output',
];

/** The slots as bits. */
export function bitsOf(slots: readonly Slot[]): number {
  return slots.reduce((bits, slot) => bits | (1 << SLOT[slot]), 0);
}

const CONTENT_BITS = /* @__PURE__ */ bitsOf(CONTENT);

function contentOf(places: readonly Place[]): number {
  return (
    places.reduce((bits, { slot, path }) => (path === null ? bits | (1 << slot) : bits), 0) &
    CONTENT_BITS
  );
}

/** Ranks of a tier, of one producer, and of names of counts at one place. */
const TIER = 10_000;
const PRODUCER = 100;
const COUNTS = 1_000;
const GUESS_RANK = /* @__PURE__ */ (() => TRUST.length * TIER)();
/** Places of this rank and above hold requests and responses rather than fields. */
export const BODY_RANK = /* @__PURE__ */ (() => TRUST.indexOf('body') * TIER)();
/** Events of a span repeat what its attributes state. */
export const EVENT_RANK = /* @__PURE__ */ (() => 2 * TRUST.length * TIER)();

/** Most keys whose meaning is remembered; senders with more of them have keys that do not come again. */
const MAX_PLANS = 20_000;
const MAX_KEY_LENGTH = 200;

/** `llm.openai.messages`: the key of one provider stands for all. */
const OF_PROVIDER = /^llm\.[a-z_]+\.(messages|choices|model|usage|id|user)$/;

export class SourceIndex {
  readonly #exact = new Map<string, Place[]>();
  readonly #prefixes: { prefix: string; places: Place[] }[] = [];
  readonly #countPrefixes: { prefix: string; rank: number }[] = [];
  readonly #metadataPrefixes: string[] = [];
  readonly #jsonKeys: readonly string[];
  #plans = new Map<string, KeyPlan>();

  constructor(producers: readonly Producer[]) {
    this.#jsonKeys = producers.flatMap(({ jsonKeys }) => jsonKeys ?? []);
    producers.forEach(({ rows }, at) => {
      const used = new Map<string, number>();
      for (const [slot, trust, keys] of rows) {
        for (const key of keys.split(' ')) {
          const place = used.get(`${slot} ${trust}`) ?? 0;
          used.set(`${slot} ${trust}`, place + 1);
          this.#add(slot, key, TRUST.indexOf(trust) * TIER + at * PRODUCER + place);
        }
      }
    });
  }

  #add(slot: Slot, source: string, rank: number): void {
    const at = source.indexOf('#', 1);
    const key = at < 0 ? source : source.slice(0, at);
    const path = at < 0 ? null : source.slice(at + 1);
    if (slot === 'metadata' && key.endsWith('.')) this.#metadataPrefixes.push(key);
    else if (slot === 'usage' && key.endsWith('.')) this.#countPrefixes.push({ prefix: key, rank });
    else if (key.endsWith('.')) this.#addTo(this.#prefixOf(key), slot, key, path, rank);
    else this.#addTo(this.#placesOf(key), slot, key, path, rank);
  }

  #addTo(places: Place[], slot: Slot, key: string, path: string | null, rank: number): void {
    const isJson = this.#jsonKeys.some((start) => key.startsWith(start));
    places.push({ slot: SLOT[slot], rank, path, isJson, within: null, isGuess: false });
  }

  #placesOf(key: string): Place[] {
    const places = this.#exact.get(key) ?? [];
    this.#exact.set(key, places);
    return places;
  }

  #prefixOf(prefix: string): Place[] {
    const known = this.#prefixes.find((each) => each.prefix === prefix);
    if (known !== undefined) return known.places;
    const places: Place[] = [];
    this.#prefixes.push({ prefix, places });
    return places;
  }

  /** What a key means; remembered, because the spans of an instrumentation have the same keys. */
  planOf(key: string): KeyPlan {
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = this.#makePlan(key);
      if (key.length <= MAX_KEY_LENGTH) {
        if (this.#plans.size >= MAX_PLANS) this.#plans = new Map();
        this.#plans.set(key, plan);
      }
    }
    return plan;
  }

  #makePlan(key: string): KeyPlan {
    const ofProvider = OF_PROVIDER.exec(key)?.[1];
    const exact = this.#exact.get(key) ?? this.#exact.get(`llm.openai.${ofProvider}`);
    const metadata = this.#metadataPrefixes.find((prefix) => key.startsWith(prefix));
    const trees: Tree[] = [];
    for (const { prefix, places } of this.#prefixes) {
      if (key.startsWith(prefix))
        trees.push({ head: prefix, steps: stepsOf(key, prefix.length), places });
    }
    const digit = exact === undefined ? key.search(/\.\d/) : -1;
    const listed = digit > 0 ? this.#exact.get(key.slice(0, digit)) : undefined;
    if (listed !== undefined) {
      trees.push({ head: key.slice(0, digit), steps: stepsOf(key, digit + 1), places: listed });
    }
    const { count, details } = this.#countOf(key);
    const isKnown = exact !== undefined || trees.length > 0 || count !== null || details !== null;
    const plan: KeyPlan = {
      places: exact ?? (details === null ? (isKnown ? [] : this.#guess(key)) : [details]),
      trees,
      count,
      metadata: metadata === undefined ? null : key.slice(metadata.length),
      content: 0,
      isSaid: trees.length > 0 && /\.(content|text|arguments|name|id|tool_call_id)$/.test(key),
      isForm: trees.length > 0 && /\.(role|type|kind|index)$/.test(key),
    };
    plan.content = [plan, ...trees].reduce((bits, { places }) => bits | contentOf(places), 0);
    const isNothing = plan.places.length === 0 && !isKnown && metadata === undefined;
    return isNothing ? NOTHING : plan;
  }

  #countOf(key: string): { count: CountPlace | null; details: Place | null } {
    for (const { prefix, rank } of this.#countPrefixes) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      const named = COUNT_NAMES.get(name);
      if (named !== undefined) {
        const { field } = named;
        const isFlat = Math.floor(rank / TIER) === TRUST.indexOf('flat');
        return { count: { field, rank: rank * COUNTS + named.rank, name, isFlat }, details: null };
      }
      if (name.endsWith('details')) {
        const place = { slot: SLOT.usage, path: null, isJson: false, isGuess: false };
        return { count: null, details: { ...place, rank, within: name } };
      }
    }
    const named = /tokens$|Tokens$/.test(key) ? COUNT_NAMES.get(key) : undefined;
    const rank = GUESS_RANK * COUNTS;
    return {
      count:
        named === undefined
          ? null
          : { field: named.field, rank: rank + named.rank, name: key, isFlat: false },
      details: null,
    };
  }

  #guess(key: string): Place[] {
    return slotsOfWords(key).map((slot) => ({
      slot: SLOT[slot],
      rank: GUESS_RANK,
      path: null,
      isJson: false,
      within: null,
      isGuess: true,
    }));
  }
}

let known: SourceIndex | undefined;

/** The index of all producers; made at the first use, so that importing it costs nothing. */
export function allSources(): SourceIndex {
  known ??= new SourceIndex(PRODUCERS);
  return known;
}
