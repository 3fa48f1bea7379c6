/**
 * Records that the process ends without having delivered: one line on standard error. Warnings would
 * come too late, because a process that exits runs no more turns of its event loop.
 */

import { builtin } from '../platform/platform.ts';
import { shared } from '../platform/shared.ts';
import { utf8Encoder } from '../platform/utf8.ts';
import { attempt, fieldOf } from '../platform/values.ts';

export interface Loss {
  records: number;
  /** What did not happen and where: `delivered to https://…`. */
  readonly goal: string;
  /** Why; undefined when the process ended before the first answer. */
  reason: string | undefined;
  /** What the program can do about it, as a sentence. */
  readonly cure: string;
}

/** By their goal. */
const losses = shared('losses', () => new Map<string, Loss>());

/** Goals that are named; the losses of further ones are added to the last. */
const MAX_GOALS = 4;
const MAX_REASON_LENGTH = 300;
/** A reader of standard error that is slow, such as a pipe, delays the exit by 50 ms at most. */
const MAX_PAUSES = 10;
const PAUSE_MILLIS = 5;

/** Remembers records that are lost, until {@link reportLosses}. */
export function noteLoss(loss: Loss): void {
  if (loss.records <= 0) return;
  const known = losses.get(loss.goal) ?? (losses.size >= MAX_GOALS ? last() : undefined);
  if (known) {
    known.records += loss.records;
    known.reason = loss.reason ?? known.reason;
  } else losses.set(loss.goal, { ...loss });
}

const last = (): Loss | undefined => [...losses.values()].at(-1);

export const hasLosses = (): boolean => losses.size > 0;

/** Writes one line about the losses that were noted, synchronously. Never throws. */
export function reportLosses(): void {
  if (losses.size === 0) return;
  const all = [...losses.values()];
  losses.clear();
  attempt(() => writeError(`${describe(all)}\n`));
}

function describe(all: readonly Loss[]): string {
  const facts = all.map(({ records, goal, reason }) => {
    const subject = records === 1 ? '1 record was' : `${records} records were`;
    return `${subject} not ${goal} (${reason ?? 'the process ended before the answer'})`;
  });
  const cures = [...new Set(all.map(({ cure }) => cure))];
  return plain(`agensight: ${facts.join('; ')}. ${cures.join(' ')}`);
}

/** One line without control characters, which the answer of a server may hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');

/** A shorter token is a placeholder, whose letters occur in any text. */
const MIN_TOKEN_LENGTH = 8;

/** A reason as it may be printed: short, and without the token. */
export function printable(reason: string, token: string): string {
  const clean = token.length < MIN_TOKEN_LENGTH ? reason : reason.replaceAll(token, '[token]');
  return clean.slice(0, MAX_REASON_LENGTH);
}

/** Writes to standard error itself: the stream of the process is asynchronous if it is a pipe. */
function writeError(text: string): void {
  const fs = builtin('node:fs');
  const bytes = utf8Encoder().encode(text);
  let pauses = 0;
  for (let at = 0; fs && at < bytes.length; ) {
    try {
      at += fs.writeSync(2, bytes, at);
    } catch (error) {
      // A pipe is full; any other error means that nobody reads.
      if (fieldOf(error, 'code') !== 'EAGAIN' || pauses === MAX_PAUSES) return;
      pauses += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLIS);
    }
  }
}
