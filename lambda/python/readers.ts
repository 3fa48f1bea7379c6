/** How the body of each request of the original Python SDK is read. Loaded with the first of them. */
import type { JsonObject, RecordLists } from '../../wire/records.ts';
import {
  readCompletion,
  readPrompt,
  readSession,
  readTool,
  readTrace,
  readTraceUpdate,
} from './records.ts';
import { readSpan } from './span.ts';

/** A reader for each request, by its path after `create/`. */
export const READERS = {
  session: readSession,
  trace: readTrace,
  'trace/update': readTraceUpdate,
  span: readSpan,
  prompt: readPrompt,
  completion: readCompletion,
  tool: readTool,
} as const satisfies Record<string, (data: JsonObject) => Partial<RecordLists>>;

/** The path of a request after `create/`. */
export type CreateName = keyof typeof READERS;
