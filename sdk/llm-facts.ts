/**
 * What an LLM call is made of, whatever the provider. The classes keep references to the caller's
 * strings, which cannot change, and JSON text of everything that could.
 */
import { LIMITS } from '../wire/protocol.ts';
import { cleanText } from '../wire/text.ts';
import { cleanJson, quoteText, snapshot } from './capture.ts';

/** One message of a request. */
export class Prompt {
  role: string | null = null;
  content: string | null = null;
  /** JSON text of content that is more than text: images, files, audio. */
  parts: string | null = null;
  toolCalls: ToolCall[] | null = null;
  name: string | null = null;
  toolCallId: string | null = null;
}

/** One choice of a reply. Usage belongs to the call and stands on choice 0 only. */
export class Completion {
  role: string | null = null;
  content: string | null = null;
  parts: string | null = null;
  toolCalls: ToolCall[] | null = null;
  finishReason: string | null = null;
  model: string | null = null;
  provider: string | null = null;
  responseId: string | null = null;
  usage: Usage | null = null;
}

/** Token counts; what is not known is null, never 0. */
export interface Usage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly totalTokens: number | null;
  readonly cachedTokens: number | null;
  readonly reasoningTokens: number | null;
}

/** Leaves out what was said; keeps who spoke, models, usage and the names of tools. */
export function forgetContent(message: Prompt | Completion): void {
  message.content = null;
  message.parts = null;
  for (const call of message.toolCalls ?? []) call.forgetContent();
}

/** A tool that the model asked for. */
export class ToolCall {
  readonly id: string | null;
  readonly name: string | null;
  /** As the model wrote it: usually JSON in a string. */
  private text: string | null;
  private json: string | null = null;

  constructor(id: unknown, name: unknown, args: unknown) {
    this.id = textOf(id);
    this.name = textOf(name);
    this.text = textOf(args);
    if (this.text === null && args !== null && args !== '') this.json = snapshot(args);
  }

  /** The arguments as JSON text: opened when they are JSON, quoted when they are not. */
  argumentsJson(): string | null {
    if (this.json === null && this.text !== null) {
      this.json = jsonOrText(this.text);
      this.text = null;
    }
    return this.json;
  }

  /** Length of the arguments. */
  get size(): number {
    return (this.text ?? this.json ?? '').length;
  }

  /** Leaves out the arguments, which are content. */
  forgetContent(): void {
    this.text = null;
    this.json = null;
  }
}

/** What one shape reads from a result. */
export interface Reply {
  readonly completions: Completion[];
  /** Tools used that are no tool calls of a completion. */
  readonly tools: ToolCall[] | null;
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
export type ReadReply = (result: unknown, hints: CallHints) => Reply | undefined;

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

/** A non-empty string, or null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A whole number that a counter column can hold, or null. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value >= 0 &&
    value <= LIMITS.maxCount
    ? value
    : null;
}

/** An object's field, or undefined for anything that has no fields. */
export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
