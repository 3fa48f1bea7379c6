/** What stands in the attributes of one span, by value and in order of trust. Opened when it is asked for. */
import { isList, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { Tree } from '../forms/indexed-keys.ts';
import { openJson, openValue, valueAt } from '../forms/open-value.ts';
import type { Attributes } from '../forms/otel-span.ts';
import { NO_USAGE, type SpanKind, type Usage } from '../provider/model.ts';
import { count } from '../provider/usage.ts';
import { SLOTS } from '../sources/producer.ts';
import {
  bitsOf,
  type CountPlace,
  EVENT_RANK,
  type KeyPlan,
  NOTHING,
  type Place,
  SLOT,
  type SourceIndex,
} from '../sources/source-index.ts';
import { kindOfWord, PLACEHOLDERS } from '../sources/words.ts';

/** A value of the span: one attribute, or many that are the leaves of one value. */
export interface Held {
  /** The attribute, or what its leaves begin with. */
  key: string;
  /** The value as it was sent. */
  sent: JsonValue;
  value: JsonValue;
  isOpen: boolean;
  /** Whether its messages are those of the call. */
  isRead: boolean;
  tree: Tree | null;
}

/** An attribute that holds content. */
export interface Content {
  key: string;
  value: JsonValue;
  /** With the opened value; null for one leaf of a value. */
  held: Held | null;
  /** Whether it is a leaf that messages have. */
  isSaid: boolean;
}

export interface Candidate {
  place: Place;
  rank: number;
  held: Held;
}

const NONE: readonly Candidate[] = [];
const OWN = { configurable: true, enumerable: true, writable: true };

/** The values that spans of one kind never have; looking for them would cost time for nothing. */
const CALL_SLOTS = [
  'modelAsked',
  'modelAnswered',
  'provider',
  'responseId',
  'finishReasons',
  'secondsToFirst',
  'millisToFirst',
  'firstAt',
  'instructions',
  'prompts',
  'choices',
  'events',
  'request',
  'response',
  'usage',
] as const;
const RUN_SLOTS = ['toolName', 'toolCallId', 'toolArguments', 'toolResult'] as const;

const without = (...slots: readonly (keyof typeof SLOT)[]): number => ~bitsOf(slots);

const WANTED: { readonly [K in SpanKind]?: number } = /* @__PURE__ */ (() => ({
  llm: without('input', 'output', ...RUN_SLOTS),
  embedding: without('output', ...RUN_SLOTS),
  tool: without('input', 'output', ...CALL_SLOTS),
  agent: without(...RUN_SLOTS, ...CALL_SLOTS),
  chain: without(...RUN_SLOTS, ...CALL_SLOTS),
  retriever: without(...RUN_SLOTS, ...CALL_SLOTS),
}))();

export class Found {
  readonly #index: SourceIndex;
  readonly #attributes: Attributes;
  readonly #slots: (Candidate[] | undefined)[] = new Array(SLOTS.length);
  readonly #counts: Usage = { ...NO_USAGE };
  readonly #countPlaces: { [F in keyof Usage]?: CountPlace } = {};
  #told: SpanKind | undefined;
  #toldRank = Number.POSITIVE_INFINITY;
  #wanted = -1;
  /** The attributes that hold content, which columns may have. */
  readonly content: Content[] = [];
  /** All other attributes. */
  readonly rest: Attributes = {};
  hasRest = false;
  /** Members of the trace's metadata, by name. */
  readonly metadata: [name: string, value: JsonValue][] = [];

  constructor(index: SourceIndex, attributes: Attributes) {
    this.#index = index;
    this.#attributes = attributes;
    this.collect(attributes, 0);
  }

  /** Whether the span has an attribute. */
  isPresent(key: string): boolean {
    return this.#attributes[key] !== undefined;
  }

  /** The kind that the span states. */
  get told(): SpanKind | undefined {
    return this.#told;
  }

  /** Adds the attributes of an event, which are trusted less than those of the span. */
  collect(attributes: Attributes, low: number): void {
    const keys: string[] = [];
    const plans: KeyPlan[] = [];
    // Attributes have no prototype, and `for in` would look each key up once more.
    for (const key of Object.keys(attributes)) {
      const value = attributes[key];
      const plan = this.#index.planOf(key);
      if (plan === NOTHING || value === null || value === undefined || value === '') {
        if (low === 0) this.#addRest(key, value ?? null);
        continue;
      }
      keys.push(key);
      plans.push(plan);
      if (low === 0) this.#tellKind(plan, value);
    }
    if (low === 0 && this.#told !== undefined) this.#wanted = WANTED[this.#told] ?? -1;
    let trees: Map<string, Tree> | null = null;
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as string;
      const plan = plans[at] as KeyPlan;
      const value = attributes[key] as JsonValue;
      if (plan.count !== null) this.#addCount(plan.count, value);
      if (plan.metadata !== null && low === 0) this.metadata.push([plan.metadata, value]);
      let held: Held | null = null;
      if (plan.places.length > 0) held = this.#addAll(plan.places, key, value, low, null);
      for (const { head, steps, places } of plan.trees) {
        trees ??= new Map();
        let tree = trees.get(head);
        if (tree === undefined) {
          tree = new Tree();
          trees.set(head, tree);
          this.#addAll(places, head, null, low, tree);
        }
        tree.place(steps, value);
      }
      if (low !== 0) continue;
      if ((plan.content & this.#wanted) === 0) this.#addRest(key, value);
      else if (!plan.isForm) this.content.push({ key, value, held, isSaid: plan.isSaid });
    }
  }

  #addRest(key: string, value: JsonValue): void {
    this.hasRest = true;
    // Assigning this key would set the prototype.
    if (key === '__proto__') Object.defineProperty(this.rest, key, { ...OWN, value });
    else this.rest[key] = value;
  }

  #tellKind(plan: KeyPlan, value: JsonValue): void {
    for (const { slot, rank, path, isJson } of plan.places) {
      if (slot !== SLOT.kind || rank >= this.#toldRank) continue;
      const opened = isJson ? openJson(value) : value;
      const word = path === null ? opened : valueAt(opened, path);
      const kind = typeof word === 'string' ? kindOfWord(word) : undefined;
      if (kind === undefined) continue;
      this.#told = kind;
      this.#toldRank = rank;
    }
  }

  #addAll(
    places: readonly Place[],
    key: string,
    value: JsonValue,
    low: number,
    tree: Tree | null,
  ): Held | null {
    let held: Held | null = null;
    for (const place of places) {
      if (((this.#wanted >> place.slot) & 1) === 0) continue;
      if (place.isGuess && !isGuessed(place, value)) continue;
      held ??= { key, sent: value, value, isOpen: false, isRead: false, tree };
      this.#add({ place, rank: place.rank + low, held });
    }
    return held;
  }

  /** Keeps the list of a value in order of rank. */
  #add(candidate: Candidate): void {
    const { slot } = candidate.place;
    const list = this.#slots[slot];
    if (list === undefined) {
      this.#slots[slot] = [candidate];
      return;
    }
    let at = list.length;
    while (at > 0 && (list[at - 1] as Candidate).rank > candidate.rank) at -= 1;
    if (at === list.length) list.push(candidate);
    else list.splice(at, 0, candidate);
  }

  #addCount(place: CountPlace, value: JsonValue): void {
    const tokens = count(value);
    if (tokens === null) return;
    const { field } = place;
    const before = this.#countPlaces[field];
    // A zero stands for an unknown count where another place has one.
    const isBetter =
      before === undefined ||
      (place.rank < before.rank
        ? tokens > 0 || this.#counts[field] === 0
        : this.#counts[field] === 0 && tokens > 0);
    if (!isBetter) return;
    this.#counts[field] = tokens;
    this.#countPlaces[field] = place;
  }

  /** The token counts that attributes state one by one. */
  get counts(): Usage {
    return this.#counts;
  }

  /** Whether flat keys have messages, as only calls do. */
  get hasFlatMessages(): boolean {
    return [...this.all('prompts'), ...this.all('choices')].some(
      ({ held, place }) => held.tree !== null && !place.isGuess,
    );
  }

  /** Whether the prompt is counted under a key that repeats what the response counts. */
  get areFlatCounts(): boolean {
    return this.#countPlaces.prompt?.isFlat === true;
  }

  /** Under which name an attribute states a count. */
  nameOfCount(field: keyof Usage): string | null {
    return this.#countPlaces[field]?.name ?? null;
  }

  /** The places of a value, best first. */
  all(slot: keyof typeof SLOT): readonly Candidate[] {
    return this.#slots[SLOT[slot]] ?? NONE;
  }

  has(slot: keyof typeof SLOT): boolean {
    return this.#slots[SLOT[slot]] !== undefined;
  }

  /** The opened value of a place. */
  open({ held, place }: Candidate): JsonValue | undefined {
    if (!held.isOpen) {
      held.isOpen = true;
      if (held.tree !== null) held.value = held.tree.value;
      else if (typeof held.value === 'string') {
        held.value = (place.isJson ? openJson(held.value) : openValue(held.value)) ?? null;
      }
    }
    if (place.within !== null) return { [place.within]: held.value };
    return place.path === null ? held.value : valueAt(held.value, place.path);
  }

  /** The first value that is accepted, best first. */
  first<T>(
    slot: keyof typeof SLOT,
    accept: (value: JsonValue, candidate: Candidate) => T | null,
  ): T | null {
    for (const candidate of this.all(slot)) {
      const value = this.open(candidate);
      if (value === undefined || value === null) continue;
      const accepted = accept(value, candidate);
      if (accepted !== null) return accepted;
    }
    return null;
  }

  /** The first word that is no placeholder. Words are not opened: an id may look like JSON. */
  word(slot: keyof typeof SLOT): string | null {
    for (const candidate of this.all(slot)) {
      const word = this.#wordAt(candidate);
      if (word !== null && PLACEHOLDERS[slot]?.test(word) !== true) return word;
    }
    return null;
  }

  #wordAt(candidate: Candidate): string | null {
    const { held, place } = candidate;
    const isPlain =
      place.path === null &&
      !place.isJson &&
      held.tree === null &&
      typeof held.value === 'string' &&
      !held.value.startsWith('"');
    const value = isPlain ? held.value : this.open(candidate);
    const only = isList(value) ? value[0] : value;
    return typeof only === 'number' ? String(only) : (text(only)?.trim() ?? null);
  }
}

/** Whether a value under an unknown key has the form that its words promise. */
function isGuessed({ slot }: Place, value: JsonValue): boolean {
  if (slot !== SLOT.request && slot !== SLOT.response && slot !== SLOT.usage) return true;
  return typeof value === 'object' || (typeof value === 'string' && /^\s*[[{]/.test(value));
}

/** Whether a place is in an event of the span. */
export function isInEvent({ rank }: Candidate): boolean {
  return rank >= EVENT_RANK;
}
