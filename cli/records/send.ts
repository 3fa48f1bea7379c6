/** Sends batches concurrently, with retries. */
import { isRetryableStatus } from '../../wire/protocol.ts';
import type { Rejection } from '../../wire/reply.ts';
import { describeError, type Endpoint, parseReply, TOKEN_HINT } from '../remote/endpoint.ts';
import { CliError } from '../shell/errors.ts';
import type { Output } from '../shell/output.ts';
import { plain } from '../shell/terminal-text.ts';
import { halve, type PushBatch } from './batches.ts';
import type { Progress } from './progress.ts';

const CONCURRENCY = 4;
const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MILLIS = 500;
const MAX_WAIT_MILLIS = 60_000;

const MAX_REJECTIONS_SHOWN = 10;

export interface SendResult {
  /** Batches sent by this run. */
  batches: number;
  /** Records accepted in these batches. */
  records: number;
  /** Batches that an earlier run had sent. */
  batches_before: number;
  rejected_count: number;
  /** The first rejections. */
  rejected: Rejection[];
}

/**
 * Sends the batches that have not been sent yet.
 *
 * @throws CliError when the server refuses or stays unreachable; accepted batches stay recorded
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
  const work = async (): Promise<void> => {
    while (failure === undefined) {
      const { value: batch } = await batches.next();
      if (!batch) return;
      if (progress.has(batch.id)) {
        result.batches_before += 1;
        continue;
      }
      const before = result.rejected_count;
      await sendOne(batch, endpoint, result, out);
      // The next run reports the rejected records again.
      if (result.rejected_count === before) progress.add(batch.id);
    }
  };
  const workers = Array.from({ length: CONCURRENCY }, () =>
    work().catch((error: unknown) => {
      failure ??= error;
    }),
  );
  await Promise.all(workers);
  if (failure !== undefined) throw withProgress(failure, result);
  return result;
}

/** The error with the number of batches that were sent before it. */
function withProgress(error: unknown, { batches, records }: SendResult): unknown {
  if (!(error instanceof CliError)) return error;
  const message = `${error.message}; sent ${records} records in ${batches} batches before`;
  const hint = `${error.hint} Then run the command again: it continues there.`.trim();
  return new CliError(message, { code: error.code, hint, cause: error });
}

async function sendOne(
  batch: PushBatch,
  endpoint: Endpoint,
  result: SendResult,
  out: Output,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await endpoint.send(batch.body).catch((error: unknown) => {
      if (!(error instanceof CliError) || attempt === MAX_ATTEMPTS) throw error;
      return error;
    });
    if (answer instanceof CliError) {
      await pause(attempt, null, answer.message, out);
      continue;
    }
    const { status } = answer;
    if (status === 200 || status === 202) return addReply(batch, parseReply(answer), result);
    if (status === 413) {
      const halves = halve(batch);
      if (halves.length === 0) return addTooLarge(batch, result);
      for (const half of halves) await sendOne(half, endpoint, result, out);
      return;
    }
    const message = `the endpoint refused the batch (${describeError(answer)})`;
    if (status === 401 || status === 403) {
      throw new CliError(message, { code: 'AGENSIGHT_CLI_UNAUTHORIZED', hint: TOKEN_HINT });
    }
    if (!isRetryableStatus(status)) {
      throw new CliError(message, { code: 'AGENSIGHT_CLI_REJECTED', hint: DOCTOR_HINT });
    }
    if (attempt === MAX_ATTEMPTS) {
      throw new CliError(message, { code: 'AGENSIGHT_CLI_REJECTED', hint: 'Check the server.' });
    }
    await pause(attempt, answer.headers.get('retry-after'), message, out);
  }
}

const DOCTOR_HINT = 'Run: agensight doctor';

function addReply(
  batch: PushBatch,
  reply: ReturnType<typeof parseReply>,
  result: SendResult,
): void {
  if (!reply) {
    const message = 'the server that answered is not an ingest endpoint';
    throw new CliError(message, { code: 'AGENSIGHT_CLI_REJECTED', hint: DOCTOR_HINT });
  }
  result.batches += 1;
  result.records += batch.records.length - reply.rejected_count;
  result.rejected_count += reply.rejected_count;
  result.rejected.push(...reply.rejected.slice(0, MAX_REJECTIONS_SHOWN - result.rejected.length));
}

function addTooLarge({ records: [record] }: PushBatch, result: SendResult): void {
  result.rejected_count += 1;
  if (!record || result.rejected.length >= MAX_REJECTIONS_SHOWN) return;
  const { kind, traceId } = record;
  result.rejected.push({ kind, id: traceId ?? '', field: '', reason: 'too large for the server' });
}

async function pause(
  attempt: number,
  retryAfter: string | null,
  reason: string,
  out: Output,
): Promise<void> {
  const requested = Number(retryAfter) * 1_000;
  const backoff = FIRST_WAIT_MILLIS * 2 ** (attempt - 1);
  const millis = Math.min(requested > 0 ? requested : backoff, MAX_WAIT_MILLIS);
  out.remark(`${plain(reason)}; retrying in ${(millis / 1000).toFixed(1)} s`);
  await new Promise((resolve) => setTimeout(resolve, millis));
}

/** The result as text. */
export function describeResult(result: SendResult, { style }: Output): string {
  const { batches, records, batches_before: before, rejected_count: count, rejected } = result;
  const lines = [`sent ${records} records in ${batches} batches`];
  if (before > 0) lines.push(`${before} batches had been sent before`);
  if (count > 0) lines.push(style('red', `${count} records were rejected:`));
  for (const { kind, id, field, reason } of rejected) {
    lines.push(`  ${plain(`${kind} ${id} ${field} ${reason}`)}`);
  }
  return lines.join('\n');
}
