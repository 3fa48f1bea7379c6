/** What a producer of telemetry is to the reader: rows of data, one for each place of a value. */

/** The values of a span, each of which has a list of places. */
export const SLOTS = [
  // What the span is, and who made it.
  'kind',
  'failure',
  'failureMessage',
  // The call of a model.
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
  // The run of a tool.
  'toolName',
  'toolCallId',
  'toolArguments',
  'toolResult',
  // Any other span.
  'input',
  'output',
  // The trace.
  'session',
  'user',
  'tags',
  'traceName',
  'traceInput',
  'traceOutput',
  'metadata',
] as const;

export type Slot = (typeof SLOTS)[number];

/**
 * How much a place is trusted, best first. `own`: the field that a product made for this value. `field`:
 * the GenAI conventions. `flat`: structured keys of others. `body`: the request or the response as a
 * whole. `copy`: a body that repeats what better keys have, or is a text of it. `hint`: a key that may
 * mean something else.
 */
export const TRUST = ['own', 'field', 'flat', 'body', 'copy', 'hint'] as const;

export type Trust = (typeof TRUST)[number];

/**
 * The places of one value. Keys are separated by spaces, best first:
 *
 * - `a.b`: an attribute; also all keys with a position after it (`a.b.0.c`), as the list that they are
 * - `a.b#c.d`: what is at the path `c.d` in the attribute
 * - `a.b.`: all attributes that begin with it, as the object that they are
 */
export type Row = readonly [slot: Slot, trust: Trust, keys: string];

export interface Producer {
  /** Name of the product or convention, in kebab case. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** Prefixes of keys that only spans of models, agents and tools have. */
  readonly prefixes?: readonly string[];
  /** Keys of lists in which the assistant's messages are items of one turn. */
  readonly itemLists?: readonly string[];
  /** Keys, by their beginning, whose text is JSON also where it is a number or a word. */
  readonly jsonKeys?: readonly string[];
}
