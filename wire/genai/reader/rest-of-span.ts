/** What is left of a span when its content is in columns: attributes and events. */
import { isList } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { isMessageEvent } from '../forms/event-messages.ts';
import { isPlain } from '../forms/message-forms.ts';
import { openValue } from '../forms/open-value.ts';
import type { Attributes, OtelSpan } from '../forms/otel-span.ts';
import type { ParsedSpan } from '../provider/model.ts';
import type { Content, Found } from './found.ts';
import { Stored, unread } from './leftovers.ts';

/** What columns will hold, collected only when a value has to be compared with it. */
export class StoredOnce {
  readonly parsed: ParsedSpan;
  readonly #messages: Stored | null;
  readonly #rest: Attributes;
  #stored: Stored | null = null;

  /** `rest` are the attributes without content. */
  constructor(parsed: ParsedSpan, messages: Stored | null, rest: Attributes) {
    this.parsed = parsed;
    this.#messages = messages;
    this.#rest = rest;
  }

  /** Whether the leaves of messages are known to be stored. */
  get isCompared(): boolean {
    return this.#messages !== null;
  }

  get all(): Stored {
    if (this.#stored === null) {
      this.#stored = this.#messages ?? new Stored();
      this.#stored.add(this.parsed, this.#messages !== null);
      this.#stored.addRest(this.#rest);
    }
    return this.#stored;
  }
}

/** The attributes without what columns hold. */
export function restOf(found: Found, stored: StoredOnce, isMasked: boolean): JsonObject | null {
  const { rest } = found;
  let { hasRest } = found;
  for (const content of found.content) {
    const value = left(content, stored, isMasked);
    if (value === undefined) continue;
    rest[content.key] = value;
    hasRest = true;
  }
  return hasRest ? rest : null;
}

/** What no column has of an attribute with content; undefined for one that columns hold. */
function left(
  { value, held, isSaid }: Content,
  stored: StoredOnce,
  isMasked: boolean,
): JsonValue | undefined {
  const { parsed } = stored;
  if (isSaid && stored.isCompared) return undefined;
  const opened = held?.isOpen ? held.value : value;
  if (opened === parsed.input || opened === parsed.output) return undefined;
  if (held?.isRead && isPlainList(opened)) return undefined;
  const rest = unread(isMasked ? withoutMessages(opened) : opened, stored.all);
  // Where nothing was read of a value, it stays as it was sent.
  return rest === opened ? value : rest;
}

/** Whether columns hold all of a list of messages, because they have nothing but roles and texts. */
function isPlainList(value: JsonValue): boolean {
  return (
    isList(value) &&
    value.length <= MAX_PLAIN &&
    value.every((item) => isObject(item) && isPlain(item))
  );
}

const MAX_PLAIN = 1_000;

/** Members that hold messages. A program that hides texts in some places may forget others. */
const MESSAGES = /* @__PURE__ */ new Set(
  /* @__PURE__ */ 'messages input contents prompt prompts choices candidates output content generations text system instructions message response'.split(
    ' ',
  ),
);

function withoutMessages(value: JsonValue): JsonValue {
  const opened = openValue(value) ?? null;
  if (!isObject(opened)) return null;
  return Object.fromEntries(Object.entries(opened).filter(([key]) => !MESSAGES.has(key)));
}

/** The events that say nothing that is not in a column. */
export function readEvents(span: OtelSpan, stored: StoredOnce): ReadonlySet<number> {
  const read = new Set<number>();
  span.events.forEach(({ name, attributes }, at) => {
    if (isMessageEvent(name) && unread(attributes, stored.all) === undefined) read.add(at);
  });
  return read;
}
