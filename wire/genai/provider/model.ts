/** What a dialect makes of one span: the form in which all dialects meet before rows are written. */
import type { SPAN_KINDS } from '../../protocol.ts';
import type { JsonValue } from '../../records.ts';

export type SpanKind = (typeof SPAN_KINDS)[number];

/** One typed part of a message. `type` is always there; the other fields depend on it. */
export type Part = { readonly [key: string]: JsonValue };

/** A model's wish to run a tool. */
export interface ToolCall {
  id: string | null;
  name: string | null;
  arguments: JsonValue;
}

/** What a tool answered, as the next request repeats it. */
export interface ToolResult {
  id: string | null;
  name: string | null;
  output: JsonValue;
  failed: boolean;
}

/** One prompt or one choice. `parts` is null when the message is nothing but its text. */
export interface Message {
  role: string | null;
  content: string | null;
  parts: Part[] | null;
  name: string | null;
  tool_call_id: string | null;
  calls: ToolCall[];
  result: ToolResult | null;
  finish_reason: string | null;
}

/** A message of which nothing is known. */
export function emptyMessage(): Message {
  return {
    role: null,
    content: null,
    parts: null,
    name: null,
    tool_call_id: null,
    calls: [],
    result: null,
    finish_reason: null,
  };
}

/** Token counts; null is unknown. */
export interface Usage {
  prompt: number | null;
  completion: number | null;
  total: number | null;
  cached: number | null;
  cache_write: number | null;
  reasoning: number | null;
}

/** One request to a model and its answer. */
export interface ModelCall {
  prompts: Message[];
  choices: Message[];
  usage: Usage;
  model: string | null;
  provider: string | null;
  response_id: string | null;
  /** One for each choice, for producers that keep them apart from the choices. */
  finish_reasons: readonly string[];
  time_to_first_token_ms: number | null;
  /** The span under which the rows stand, when that is not the span itself. */
  attach_to_span_id?: string;
}

/** One execution of a tool, as its own span tells it. */
export interface ToolRun {
  id: string | null;
  name: string | null;
  arguments: JsonValue;
  output: JsonValue;
}

export interface ParsedSpan {
  kind: SpanKind;
  call?: ModelCall;
  tool?: ToolRun;
  input?: JsonValue;
  output?: JsonValue;
  /** The producer's own word for a failure, where the span's status does not say it. */
  failure?: { message: string | null };
  /** Attributes that now stand elsewhere, by key and by prefix; they are not stored again. */
  consumed?: readonly string[];
  consumedPrefixes?: readonly string[];
  /** Names of the events that now stand elsewhere. */
  consumedEvents?: ReadonlySet<string>;
}

export const NO_USAGE: Usage = {
  prompt: null,
  completion: null,
  total: null,
  cached: null,
  cache_write: null,
  reasoning: null,
};
