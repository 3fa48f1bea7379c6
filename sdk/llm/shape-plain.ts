/**
 * The plain reply of the documentation, `{content, usage?, tool_used?, model?}`.
 *
 * Many functions return an object with `content`, so this counts as an LLM call only when the caller
 * says so or when an argument is a list of messages.
 */

import { type Fields, isText } from '../platform/values.ts';
import { readCompletion, readToolUsed } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readPlain(result: Fields, hints: CallHints): Reply | undefined {
  if (!hints.isDeclared && !hints.hasMessages) return undefined;
  const { content, role, finish_reason, usage, tool_used } = result;
  if (!isText(content) && content !== null) return undefined;
  // `messages.at(-1)` is a message of somebody else, not a reply.
  if (role !== undefined && role !== 'assistant') return undefined;
  const completions = [readCompletion(result, finish_reason, result, hints)];
  return replyOf(completions, usage, readToolUsed(tool_used));
}
