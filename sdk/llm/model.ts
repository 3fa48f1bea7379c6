/**
 * A model call in one form for all providers. The classes hold references to the caller's strings,
 * which are immutable, and JSON text of everything else.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { cleanText } from '../../wire/text.ts';
import { textOf } from '../platform/values.ts';
import { cleanJson, quoteText, snapshot } from '../serialize/snapshot.ts';

/** One message of a request. */
export class Prompt {
  role: string | null = null;
  content: string | null = null;
  /** JSON text of content parts other than text: images, files, audio. */
  parts: string | null = null;
  toolCalls: ToolCall[] | null = null;
  /** Calls of tools that the provider ran itself; they are also content parts. */
  serverCalls: ToolCall[] | null = null;
  name: string | null = null;
  toolCallId: string | null = null;
  /** The message of a tool that failed. */
  isFailed = false;

  /** Removes content; keeps roles, models, usage and the names of tools. */
  removeContent(): void {
    this.content = this.parts = null;
    for (const call of this.toolCalls ?? []) call.removeContent();
    for (const call of this.serverCalls ?? []) call.removeContent();
  }
}

/** One choice of a reply. The usage of the call is recorded with choice 0 only. */
export class Completion extends Prompt {
  finishReason: string | null = null;
  model: string | null = null;
  provider: string | null = null;
  responseId: string | null = null;
  usage: Usage | null = null;
  /** Time from the start of the span to the first token of a stream, in milliseconds. */
  firstTokenMillis: number | null = null;
}

/** Token counts by their field names; unknown counts are null, never 0. */
export type Usage = Readonly<Record<`${string}_tokens`, number | null>>;

/** A tool call that the model requested. */
export class ToolCall {
  readonly id: string | null;
  readonly name: string | null;
  /** JSON text of the result, of a tool that the provider ran. */
  output: string | null = null;
  isFailed = false;
  /** The arguments as the model returned them: usually JSON in a string. */
  #text: string | null;
  #json: string | null = null;

  constructor(id: unknown, name: unknown, args: unknown) {
    this.id = textOf(id);
    this.name = textOf(name);
    this.#text = textOf(args);
    if (this.#text === null && args !== null && args !== '') this.#json = snapshot(args);
  }

  /** The arguments as JSON text: a valid JSON object or list as it is, any other text quoted. */
  argumentsJson(): string | null {
    if (this.#json === null && this.#text !== null) {
      this.#json = jsonOrText(this.#text);
      this.#text = null;
    }
    return this.#json;
  }

  /** Length of the arguments and of the result in UTF-16 units. */
  get size(): number {
    return (this.#text ?? this.#json ?? '').length + (this.output?.length ?? 0);
  }

  /** Removes the arguments and the result, which are content. */
  removeContent(): void {
    this.#text = this.#json = this.output = null;
  }
}

/** The reply of a model. */
export interface Reply {
  readonly completions: Completion[];
  /** Tools that were used and are not tool calls of a completion. */
  readonly tools: ToolCall[] | null;
  /** A reply of kind `embedding` has a model and usage, but no content. */
  readonly kind: 'llm' | 'embedding';
  /** JSON text of the error that the reply reports in place of an answer, or after a part of it. */
  readonly error: string | null;
  /** Attributes for the span: the cost that the provider reports, the state of a background response. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Known properties of the call whose result is read. */
export interface CallHints {
  /** The span has `kind: 'llm'`. */
  readonly isDeclared: boolean;
  /** An argument is a list of messages. */
  readonly hasMessages: boolean;
  /** The requested model; the model of the response has precedence. */
  readonly model: string | null;
  /** The call asks for a response that an earlier call made: usage counts where that had none yet. */
  readonly isLookup?: boolean;
}

/** Texts that were found to be JSON: a conversation sends its tool calls again with each request. */
const parsed = new Set<string>();
const MAX_PARSED = 256;
const MAX_PARSED_UNITS = 2_048;

/** A text that is a JSON object or list as it is, any other text quoted. */
export function jsonOrText(text: string): string {
  if (parsed.has(text)) return text;
  const first = text.charCodeAt(0);
  if ((first === 0x7b || first === 0x5b) && text.length * 3 <= LIMITS.maxJsonBytes) {
    try {
      JSON.parse(text);
      const json = cleanJson(cleanText(text));
      if (json === text && text.length <= MAX_PARSED_UNITS) {
        if (parsed.size >= MAX_PARSED) parsed.clear();
        parsed.add(text);
      }
      return json;
    } catch {
      // Truncated JSON, as models sometimes return it, is recorded as text.
    }
  }
  return quoteText(text);
}
