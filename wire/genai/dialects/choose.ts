/** Chooses the dialect of one span, by its keys. One trace often mixes several. */

import type { ParsedSpan } from '../provider/model.ts';
import { isAdk, readAdk } from './adk.ts';
import { isFramework, readFrameworkSpan } from './frameworks.ts';
import { isGenAi, readGenAi } from './genai.ts';
import { isIndexed, readIndexed } from './indexed.ts';
import { isLangfuse, readLangfuse } from './langfuse.ts';
import { isLangSmith, readLangSmith } from './langsmith.ts';
import { isLogfire, readLogfire } from './logfire.ts';
import { isMastra, readMastra } from './mastra.ts';
import { isOpenInference, readOpenInference } from './openinference.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { isVercel, readVercel } from './vercel.ts';

interface Dialect {
  speaks: (attributes: Attributes) => boolean;
  /** Prefixes of attribute keys that only spans of models, agents and tools have. */
  prefixes: readonly string[];
  read: (span: OtelSpan) => ParsedSpan;
}

/**
 * In this order: the products' own keys first, because most of them add GenAI keys to theirs; and
 * before them Vercel's, to whose spans some products add theirs.
 */
const DIALECTS: readonly Dialect[] = [
  { speaks: isVercel, prefixes: ['ai.'], read: readVercel },
  { speaks: isOpenInference, prefixes: ['openinference.'], read: readOpenInference },
  { speaks: isLangfuse, prefixes: ['langfuse.'], read: readLangfuse },
  { speaks: isLangSmith, prefixes: ['langsmith.'], read: readLangSmith },
  { speaks: isMastra, prefixes: ['mastra.'], read: readMastra },
  { speaks: isLogfire, prefixes: ['pydantic_ai.'], read: readLogfire },
  { speaks: isAdk, prefixes: ['gcp.vertex.agent.'], read: readAdk },
  { speaks: isIndexed, prefixes: ['llm.'], read: readIndexed },
  { speaks: isGenAi, prefixes: ['gen_ai.'], read: readGenAi },
  { speaks: isFramework, prefixes: ['traceloop.', 'lmnr.'], read: readFrameworkSpan },
];

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
