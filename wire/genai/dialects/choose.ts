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
  read: (span: OtelSpan) => ParsedSpan;
}

/**
 * In this order: the products' own keys first, because most of them add GenAI keys to theirs; and
 * before them Vercel's, to whose spans some products add theirs.
 */
const DIALECTS: readonly Dialect[] = [
  { speaks: isVercel, read: readVercel },
  { speaks: isOpenInference, read: readOpenInference },
  { speaks: isLangfuse, read: readLangfuse },
  { speaks: isLangSmith, read: readLangSmith },
  { speaks: isMastra, read: readMastra },
  { speaks: isLogfire, read: readLogfire },
  { speaks: isAdk, read: readAdk },
  { speaks: isIndexed, read: readIndexed },
  { speaks: isGenAi, read: readGenAi },
  { speaks: isFramework, read: readFrameworkSpan },
];

export function parseSpan(span: OtelSpan): ParsedSpan {
  const dialect = DIALECTS.find(({ speaks }) => speaks(span.attributes));
  return dialect?.read(span) ?? { kind: 'span' };
}
