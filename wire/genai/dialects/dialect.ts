import type { ParsedSpan } from '../provider/model.ts';
import type { Attributes, OtelSpan } from './span.ts';

/**
 * How one family of instrumentations writes spans. To add a dialect: write a file that exports one,
 * add it to the list in `choose.ts`, and add a case to `tests/wire/genai/dialects`.
 */
export interface Dialect {
  /** Name of the product or convention, in kebab case. */
  readonly name: string;
  /** Prefixes of attribute keys that only spans of models, agents and tools have. */
  readonly prefixes: readonly string[];
  /** Whether the attributes of a span are written in this dialect. */
  readonly speaks: (attributes: Attributes) => boolean;
  /** Parses such a span. May throw: the span is then stored with its attributes alone. */
  readonly read: (span: OtelSpan) => ParsedSpan;
  /** Keys that hold the id of a session, best first. */
  readonly sessionKeys?: readonly string[];
  /** Keys that hold the id of a conversation or thread, which is a session if nothing else is. */
  readonly conversationKeys?: readonly string[];
  /** Keys that hold the id of the user, best first. */
  readonly userKeys?: readonly string[];
  /** Keys that hold the name of the trace, best first. */
  readonly traceNameKeys?: readonly string[];
  /** Keys that hold the tags of the trace, best first. */
  readonly tagKeys?: readonly string[];
  /** Prefixes of keys that hold the metadata of the trace, one key for each member. */
  readonly metadataPrefixes?: readonly string[];
}
