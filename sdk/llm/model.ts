/**
 * What an LLM call is made of, whatever the provider. The classes keep references to the caller's
 * strings, which cannot change, and JSON text of everything that could.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { cleanText } from '../../wire/text.ts';
import { type Fields, textOf } from '../platform/values.ts';
import { cleanJson, quoteText, snapshot } from '../serialize/snapshot.ts';

/** One message of a request. */
export class Prompt {
  role: string | null = null;
  content: string | null = null;
  /** JSON text of content that is more than text: images, files, audio. */
  parts: string | null = null;
  toolCalls: ToolCall[] | null = null;
  name: string | null = null;
  toolCallId: string | null = null;

  /** Leaves out what was said; keeps who spoke, models, usage and the names of tools. */
  forgetContent(): void {
    this.content = this.parts = null;
    for (const call of this.toolCalls ?? []) call.forgetContent();
  }
}

/** One choice of a reply. Usage belongs to the call and stands on choice 0 only. */
export class Completion extends Prompt {
  finishReason: string | null = null;
  model: string | null = null;
  provider: string | null = null;
  responseId: string | null = null;
  usage: Usage | null = null;
  /** From the start of the span, of a reply that came in pieces. */
  firstTokenMillis: number | null = null;
}

/** Token counts, as the wire names them; what is not known is null, never 0. */
export type Usage = Readonly<Record<`${string}_tokens`, number | null>>;

/** A tool that the model asked for. */
export class ToolCall {
  readonly id: string | null;
  readonly name: string | null;
  /** As the model wrote it: usually JSON in a string. */
  #text: string | null;
  #json: string | null = null;

  constructor(id: unknown, name: unknown, args: unknown) {
    this.id = textOf(id);
    this.name = textOf(name);
    this.#text = textOf(args);
    if (this.#text === null && args !== null && args !== '') this.#json = snapshot(args);
  }

  /** The arguments as JSON text: opened when they are JSON, quoted when they are not. */
  argumentsJson(): string | null {
    if (this.#json === null && this.#text !== null) {
      this.#json = jsonOrText(this.#text);
      this.#text = null;
    }
    return this.#json;
  }

  /** Length of the arguments. */
  get size(): number {
    return (this.#text ?? this.#json ?? '').length;
  }

  /** Leaves out the arguments, which are content. */
  forgetContent(): void {
    this.#text = this.#json = null;
  }
}

/** What one shape reads from a result. */
export interface Reply {
  readonly completions: Completion[];
  /** Tools used that are no tool calls of a completion. */
  readonly tools: ToolCall[] | null;
  /** An embedding has usage and a model, and says nothing. */
  readonly kind: 'llm' | 'embedding';
}

/** What is known of the call when its result is read. */
export interface CallHints {
  /** The caller said `kind: 'llm'`. */
  readonly isDeclared: boolean;
  /** An argument is a list of messages. */
  readonly hasMessages: boolean;
  /** The model that was asked for; the one that answered has precedence. */
  readonly model: string | null;
}

/** Reads one shape of result, or answers undefined when it is not that shape. */
export type ReadReply = (result: Fields, hints: CallHints) => Reply | undefined;

/** Text that is a JSON object or list as itself, any other text quoted. */
export function jsonOrText(text: string): string {
  const first = text.charCodeAt(0);
  if ((first === 0x7b || first === 0x5b) && text.length * 3 <= LIMITS.maxJsonBytes) {
    try {
      JSON.parse(text);
      return cleanJson(cleanText(text));
    } catch {
      // Half of a JSON text, as models sometimes leave it, is kept as the text that it is.
    }
  }
  return quoteText(text);
}
