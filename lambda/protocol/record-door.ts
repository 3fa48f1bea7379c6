import type { Refusal } from '../http/refusal.ts';
import type { Request } from '../http/request.ts';
import type { Answer } from '../http/response.ts';
import type { Rejections } from '../validation/rejections.ts';
import type { Taken } from './accepted.ts';

/** A way in for records, and what is particular to it: how it reads and how it speaks. */
export interface RecordDoor {
  readonly name: 'native' | 'otlp' | 'python';
  readonly paths: readonly string[];
  /** Records in one request, where the sender can count them. */
  readonly maxRecords: number;
  /** Its prompts, completions and tools name their span but not their trace: the store finds it. */
  readonly namesSpanOnly?: boolean;
  /** Turns away a content type that this door does not read, before the body is looked at. */
  checkType(request: Request): Refusal | null;
  /** The batch in a body, not yet validated. Spans that cannot be go to `rejections`. */
  decode(body: Buffer, request: Request, rejections: Rejections): { batch: unknown } | Refusal;
  accept(taken: Taken, request: Request): Answer;
  refuse(refusal: Refusal, request: Request): Answer;
}
