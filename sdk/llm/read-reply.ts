/** Reads the result of a call as the reply of a model. */

import { emptyMessage, type Usage } from '../../wire/genai/provider/model.ts';
import { readBody } from '../../wire/genai/provider/response.ts';
import type { Place } from '../../wire/genai/provider/response-form.ts';
import type { JsonObject } from '../../wire/records.ts';
import { createMarks, type Marks } from '../platform/marks.ts';
import { shared } from '../platform/shared.ts';
import { hasFields, isList, isText } from '../platform/values.ts';
import { invokedBody } from './invoke-model.ts';
import {
  type CallHints,
  type Completion,
  type Reply,
  recordCalls,
  recordMessage,
} from './model.ts';
import { readBatchResults } from './read-batch-results.ts';
import { errorJson } from './reply-error.ts';

/** Results that were read as a reply, so that nested spans do not record the same reply twice. */
export const seenReplies: Marks<true> = shared('seen', createMarks<true>);

const placeOf = ({ isDeclared, hasMessages }: CallHints): Place =>
  isDeclared ? 'result of a call' : hasMessages ? 'result for messages' : 'any result';

/** The reply; undefined when the result is none. */
export function readReply(
  result: unknown,
  hints: CallHints,
  keepsContent: boolean,
): Reply | undefined {
  // Reading the text of a stream of the Vercel AI SDK would consume it.
  if (hasFields(result) && 'textStream' in result) return undefined;
  const given = isText(result) && hints.isDeclared ? { content: result } : result;
  if (!hasFields(given)) return undefined;
  const body = (invokedBody(given) ?? given) as JsonObject;
  const batch = readBatchResults(body, (one) => readReply(one, hints, keepsContent));
  if (batch) return batch;
  const response = isList(body) ? null : readBody(body, placeOf(hints));
  if (!response) return undefined;
  const { kind, choices, failure, attributes, provider, response_id: responseId } = response;
  // Asked for again: the usage was counted with the call that made the response.
  const isCounted =
    hints.isLookup === true && body.object === 'response' && body.background !== true;
  const usage = isCounted ? null : response.usage;
  // A call without an answer has a completion only for its tokens, an embedding for its model, too.
  const isRow =
    choices.length === 0 && (kind === 'embedding' || (!response.isPending && hasCounts(usage)));
  const rows = choices.length > 0 || !isRow ? choices : [emptyMessage()];
  const completions = rows.map((choice, at): Completion => {
    const toolCalls = recordCalls(choice.calls, keepsContent);
    return {
      ...recordMessage(choice, keepsContent, toolCalls),
      toolCalls,
      finishReason: choice.finish_reason,
      model: response.model ?? hints.model,
      provider,
      responseId,
      usage: at === 0 ? usage : null,
      firstTokenMillis: null,
    };
  });
  return {
    completions,
    kind,
    error: failure && errorJson(failure, keepsContent),
    attributes,
  };
}

const hasCounts = (usage: Usage | null): boolean =>
  usage !== null && Object.values(usage).some((count) => count !== null);
