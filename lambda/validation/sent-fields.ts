/** Fields of records that the clients of other products send, before they are read as spans. */
import * as z from 'zod/mini';
import { isId } from '../../wire/values.ts';
import { parseTimestamp } from './timestamp.ts';

/** Why a value is no text. */
export const A_TEXT = { error: 'must be a text' };

/** A text that may be absent. */
export const optionalText = z.nullish(z.string(A_TEXT));

/** An id, which stays as the client made it. */
export const sentId = z
  .string(A_TEXT)
  .check(z.refine((value) => isId(value), { error: 'must be 1 to 128 printable characters' }));

/** A time in ISO 8601, in which no offset means UTC; null where it cannot be read. */
export const sentTime = (value: string | null | undefined): string | null =>
  value == null ? null : (parseTimestamp(value) ?? parseTimestamp(`${value}Z`));
