/** A parsed span: the common form of all producers, from which rows are written. */
import type { SPAN_KINDS } from '../../protocol.ts';
import { type CompletionRecord, type JsonObject, type JsonValue, RECORDS } from '../../records.ts';

export type SpanKind = (typeof SPAN_KINDS)[number];

/** One typed part of a message. `type` is always present; the other fields depend on it. */
export type Part = { readonly [key: string]: JsonValue };

/** A tool call that a model requested. */
export interface ToolCall {
  id: string | null;
  name: string | null;
  /** Parsed when they are read first. */
  arguments: JsonValue;
  /** The text that the arguments are parsed from: JSON, unless the model made a mistake. */
  text?: string;
  /** What came of it, for a tool that the provider ran itself; absent for one that the program runs. */
  run?: ServerRun;
}

/** A part that shows a tool call: its fields are those of the call. */
export class CallPart {
  readonly type = 'tool_call';
  readonly call: ToolCall;

  constructor(call: ToolCall) {
    this.call = call;
  }
}

export type MessagePart = Part | CallPart;

/** The parts of a message as they are stored. */
export const storedParts = (parts: readonly MessagePart[] | null): readonly Part[] | null =>
  parts?.map(storedPart) ?? null;

/** A part as it is stored. */
export function storedPart(part: MessagePart): Part {
  if (!(part instanceof CallPart)) return part;
  const { id, name, arguments: args } = part.call;
  return { type: 'tool_call', id, name, arguments: args };
}

/** The result of a tool that the provider ran. */
export interface ServerRun {
  output: JsonValue;
  failed: boolean;
}

/** The result of a tool call, as the next request contains it. */
export interface ToolResult {
  id: string | null;
  name: string | null;
  output: JsonValue;
  failed: boolean;
}

/** One prompt or one choice. `parts` is null when the message is only text. */
export interface Message {
  role: string | null;
  content: string | null;
  parts: MessagePart[] | null;
  name: string | null;
  tool_call_id: string | null;
  calls: ToolCall[];
  result: ToolResult | null;
  finish_reason: string | null;
}

/** A message without any content, to be filled. */
export const emptyMessage = (): Message => messageOf(null, null);

/** A message of nothing but a role and a text. */
export function messageOf(role: string | null, content: string | null): Message {
  return {
    role,
    content,
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

type CompletionColumn = keyof (typeof RECORDS)['completion']['fields'];

/** Columns of a completion that describe its choice. Every other column describes the call. */
type ChoiceColumn =
  | (typeof RECORDS)['completion']['key'][number]
  | 'role'
  | 'content'
  | 'parts'
  | 'finish_reason';

/** Columns of a completion that describe the call and are no token counts: `model`, `response_id`. */
export type CallField = Exclude<CompletionColumn, ChoiceColumn | `${string}_tokens`>;

/** The names of {@link CallField}, from the table of records. */
export const CALL_FIELDS: readonly CallField[] = /* @__PURE__ */ callFields();

function callFields(): CallField[] {
  const { key, fields } = RECORDS.completion;
  const ofChoice: readonly ChoiceColumn[] = [...key, 'role', 'content', 'parts', 'finish_reason'];
  const isOfCall = (column: string): column is CallField =>
    !column.endsWith('_tokens') && !(ofChoice as readonly string[]).includes(column);
  return Object.keys(fields).filter(isOfCall);
}

/** What is known of a call, by column; null is unknown. */
type CallFields = { [F in CallField]: NonNullable<CompletionRecord[F]> | null };

/** One request to a model and its response. */
export interface ModelCall extends CallFields {
  prompts: Message[];
  choices: Message[];
  usage: Usage;
  /** One for each choice, for instrumentations that write them separately. */
  finish_reasons: readonly string[];
  /** Whether the response only says that the answer will follow in another one. */
  isPending?: boolean;
  /** The span that the rows belong to, when it is not the parsed span itself. */
  attach_to_span_id?: string;
}

/** One execution of a tool, as its own span describes it. */
export interface ToolRun {
  id: string | null;
  name: string | null;
  arguments: JsonValue;
  output: JsonValue;
}

/** An error that is stated in place of an answer, or after a part of it. */
export interface Failure {
  type?: string | null;
  code?: JsonValue;
  message: string | null;
}

export interface ParsedSpan {
  kind: SpanKind;
  call?: ModelCall;
  tool?: ToolRun;
  input?: JsonValue;
  output?: JsonValue;
  /** Further attributes, which a response states. */
  attributes?: JsonObject;
  /** A failure that the attributes state but the status of the span does not. */
  failure?: Failure;
}

export const NO_USAGE: Usage = {
  prompt: null,
  completion: null,
  total: null,
  cached: null,
  cache_write: null,
  reasoning: null,
};
