/** Chooses the dialect of one span, by its keys. One trace often mixes several. */
import { isFramework, readFramework } from './framework.ts';
import { isGenAi, readGenAi } from './messages.ts';
import type { Reading } from './reading.ts';
import type { OtelSpan } from './span.ts';

export function readSpan(span: OtelSpan): Reading {
  const a = span.attributes;
  if (isGenAi(a)) return readGenAi(span);
  if (isFramework(a)) return readFramework(a);
  return { kind: 'span' };
}
