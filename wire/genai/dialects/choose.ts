/** Chooses the dialect of each span by its attribute keys. One trace often mixes several. */

import type { ParsedSpan } from '../provider/model.ts';
import { adk } from './adk.ts';
import type { Dialect } from './dialect.ts';
import { frameworks } from './frameworks.ts';
import { genAi } from './genai.ts';
import { indexedGenAi } from './indexed.ts';
import { langfuse } from './langfuse.ts';
import { langSmith } from './langsmith.ts';
import { logfire } from './logfire.ts';
import { mastra } from './mastra.ts';
import { openInference } from './openinference.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { vercelAi } from './vercel.ts';

/**
 * The first dialect that a span speaks reads it. Products come before the conventions, because most of
 * them add GenAI keys to their own; Vercel comes first, because some products add keys to its spans.
 */
export const DIALECTS: readonly Dialect[] = [
  vercelAi,
  openInference,
  langfuse,
  langSmith,
  mastra,
  logfire,
  adk,
  indexedGenAi,
  genAi,
  frameworks,
];

/** Parses a span in its dialect; a span in none is a plain one. */
export function parseSpan(span: OtelSpan): ParsedSpan {
  const dialect = DIALECTS.find(({ speaks }) => speaks(span.attributes));
  return dialect?.read(span) ?? { kind: 'span' };
}

/** Whether attributes describe a model call, an agent or a tool in any dialect. */
export function isGenAiSpan(attributes: Attributes): boolean {
  const keys = Object.keys(attributes);
  return DIALECTS.some(
    ({ speaks, prefixes }) =>
      prefixes.some((prefix) => keys.some((key) => key.startsWith(prefix))) || speaks(attributes),
  );
}
