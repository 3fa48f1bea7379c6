/** Sending batches, a few at a time, with patience for what passes. */
import type { Rejection } from '../../wire/reply.ts';
import { type Endpoint, refusalIn, replyIn, TOKEN_CURE } from '../remote/endpoint.ts';
import { Failure } from '../shell/command.ts';
import type { Output } from '../shell/output.ts';
import { plain } from '../shell/terminal-text.ts';
import { halve, type PushBatch } from './batches.ts';
import type { Progress } from './progress.ts';

const AT_ONCE = 4;
const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MILLIS = 500;
const MAX_WAIT_MILLIS = 60_000;
const PASSING = new Set([408, 425, 429]);
const MAX_REJECTIONS_SHOWN = 10;

export interface SendResult {
  /** Batches that were sent now. */
  batches: number;
  /** Records in them. */
  records: number;
  /** Batches that had arrived before. */
  batches_before: number;
  rejected_count: number;
  /** The first of them. */
  rejected: Rejection[];
}

/**
 * Sends what has not arrived yet.
 *
 * @throws Failure when the server refuses, or cannot be reached for long; what arrived is remembered
 */
export async function sendAll(
  batches: AsyncGenerator<PushBatch>,
  endpoint: Endpoint,
  progress: Progress,
  out: Output,
): Promise<SendResult> {
  const result: SendResult = {
    batches: 0,
    records: 0,
    batches_before: 0,
    rejected_count: 0,
    rejected: [],
  };
  let failure: unknown;
  const carry = async (): Promise<void> => {
    while (failure === undefined) {
      const { value: batch } = await batches.next();
      if (!batch) return;
      if (progress.has(batch.id)) {
        result.batches_before += 1;
        continue;
      }
      const before = result.rejected_count;
      await sendOne(batch, endpoint, result, out);
      // What was rejected is to be told again the next time.
      if (result.rejected_count === before) progress.add(batch.id);
    }
  };
  const carriers = Array.from({ length: AT_ONCE }, () =>
    carry().catch((error: unknown) => {
      failure ??= error;
    }),
  );
  await Promise.all(carriers);
  if (failure !== undefined) throw stopped(failure, result);
  return result;
}

function stopped(error: unknown, { batches, records }: SendResult): unknown {
  if (!(error instanceof Failure)) return error;
  const message = `${error.message}; ${records} records in ${batches} batches had arrived`;
  const cure = `${error.cure} Then run it again: it goes on there.`.trim();
  return new Failure(message, { cure, cause: error });
}

async function sendOne(
  batch: PushBatch,
  endpoint: Endpoint,
  result: SendResult,
  out: Output,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await endpoint.send(batch.body).catch((error: unknown) => {
      if (!(error instanceof Failure) || attempt === MAX_ATTEMPTS) throw error;
      return error;
    });
    if (answer instanceof Failure) {
      await pause(attempt, null, answer.message, out);
      continue;
    }
    const { status } = answer;
    if (status === 200 || status === 202) return note(batch, replyIn(answer), result);
    if (status === 413) {
      const halves = halve(batch);
      if (halves.length === 0) return noteTooLarge(batch, result);
      for (const half of halves) await sendOne(half, endpoint, result, out);
      return;
    }
    const said = `the endpoint refuses (${refusalIn(answer)})`;
    if (status === 401 || status === 403) throw new Failure(said, TOKEN_CURE);
    if (!PASSING.has(status) && status < 500) throw new Failure(said, 'Try: agensight doctor.');
    if (attempt === MAX_ATTEMPTS) throw new Failure(said, 'Wait, or look at the server.');
    await pause(attempt, answer.headers.get('retry-after'), said, out);
  }
}

function note(batch: PushBatch, reply: ReturnType<typeof replyIn>, result: SendResult): void {
  if (!reply)
    throw new Failure('what answers is not the ingest endpoint', 'Try: agensight doctor.');
  result.batches += 1;
  result.records += batch.records.length - reply.rejected_count;
  result.rejected_count += reply.rejected_count;
  result.rejected.push(...reply.rejected.slice(0, MAX_REJECTIONS_SHOWN - result.rejected.length));
}

function noteTooLarge({ records: [record] }: PushBatch, result: SendResult): void {
  result.rejected_count += 1;
  if (!record || result.rejected.length >= MAX_REJECTIONS_SHOWN) return;
  const { kind, traceId } = record;
  result.rejected.push({ kind, id: traceId ?? '', field: '', reason: 'too large for the server' });
}

async function pause(
  attempt: number,
  retryAfter: string | null,
  why: string,
  out: Output,
): Promise<void> {
  const asked = Number(retryAfter) * 1_000;
  const own = FIRST_WAIT_MILLIS * 2 ** (attempt - 1);
  const millis = Math.min(asked > 0 ? asked : own, MAX_WAIT_MILLIS);
  out.remark(`${plain(why)}; trying again in ${(millis / 1000).toFixed(1)} s`);
  await new Promise((resolve) => setTimeout(resolve, millis));
}

/** The result for people. */
export function describeResult(result: SendResult, { style }: Output): string {
  const { batches, records, batches_before: before, rejected_count: count, rejected } = result;
  const lines = [`sent ${records} records in ${batches} batches`];
  if (before > 0) lines.push(`${before} batches had arrived before`);
  if (count > 0) lines.push(style('red', `${count} records were rejected:`));
  for (const { kind, id, field, reason } of rejected) {
    lines.push(`  ${plain(`${kind} ${id} ${field} ${reason}`)}`);
  }
  return lines.join('\n');
}
