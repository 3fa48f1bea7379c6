/** Sends a canary span, which checks the token, and looks for it in the tables. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { spanId, traceId, uuidV7 } from '../../sdk/platform/ids.ts';
import type { Batch } from '../../wire/records.ts';
import {
  describeError,
  type Endpoint,
  parseReply,
  TOKEN_HINT,
  tokenProblem,
} from '../remote/endpoint.ts';
import { explainToken, findProject } from '../remote/projects.ts';
import type { HttpResponse } from '../remote/request.ts';
import { READ_HINT, type Rest } from '../remote/rest.ts';
import { CliError } from '../shell/errors.ts';
import { maskToken, type Setting, type Settings } from '../shell/settings.ts';
import { type Check, DATABASE_HINT, failed, orCliError, passed, skipped } from './check.ts';

/** Time from the response until the span is in the tables: directly, or through the overflow queue. */
const STORED_WAIT_MILLIS = 2_000;
const QUEUED_WAIT_MILLIS = 30_000;
const POLL_MILLIS = 250;

const MARK_ATTRIBUTE = 'agensight.canary';

/** A span with a unique mark. */
export interface Canary {
  readonly traceId: string;
  readonly spanId: string;
  readonly mark: string;
}

/** The checks of token and canary; the canary is set when the endpoint accepted it. */
export interface CanaryResult {
  readonly checks: Check[];
  readonly canary?: Canary;
  readonly waitMillis: number;
}

/** Sends one span; the response shows whether the token may write. */
export async function checkToken(
  endpoint: Endpoint,
  { token }: Settings,
  rest: Rest | undefined,
): Promise<CanaryResult> {
  const problem = token && tokenProblem(token.value);
  if (!token || problem) {
    const detail = token ? `${token.from} ${problem}` : 'no token is set: AGENSIGHT_TOKEN, --token';
    const checks = [failed('token', detail, TOKEN_HINT), skipped('canary', 'no valid token')];
    return { checks, waitMillis: 0 };
  }
  const canary = { traceId: traceId(Date.now()), spanId: spanId(), mark: randomUUID() };
  const response = await orCliError(endpoint.send(JSON.stringify(batchOf(canary))));
  if (response instanceof CliError) {
    const checks = [
      skipped('token', 'the endpoint does not answer'),
      failed('canary', response.message, response.hint),
    ];
    return { checks, waitMillis: 0 };
  }
  const checks = await readResponse(response, token, rest);
  const isAccepted = checks.every(({ status }) => status === 'ok');
  const waitMillis = response.status === 202 ? QUEUED_WAIT_MILLIS : STORED_WAIT_MILLIS;
  return isAccepted ? { checks, canary, waitMillis } : { checks, waitMillis: 0 };
}

async function readResponse(
  response: HttpResponse,
  token: Setting,
  rest: Rest | undefined,
): Promise<Check[]> {
  const name = `${maskToken(token.value)} (${token.from})`;
  const { status } = response;
  if (status === 200 || status === 202) return readAccepted(response, name);
  if (status === 401 || status === 403) {
    const reason = rest && (await orCliError(explainToken(rest, token.value)));
    const suffix = typeof reason === 'string' ? `; ${reason}` : '';
    const detail = `${name} is refused (${describeError(response)})${suffix}`;
    return [failed('token', detail, TOKEN_HINT), skipped('canary', 'the token is refused')];
  }
  if (status === 429) {
    const detail = `the token or its project is over its rate limit (${describeError(response)})`;
    const seconds = response.headers.get('retry-after') ?? 'some';
    const hint = `Wait ${seconds} s, or raise projects.requests_per_minute.`;
    return [skipped('token', 'rate limited'), failed('canary', detail, hint)];
  }
  const hint = status >= 500 ? DATABASE_HINT : 'Correct AGENSIGHT_ENDPOINT.';
  return [skipped('token', 'not answered'), failed('canary', describeError(response), hint)];
}

function readAccepted(response: HttpResponse, tokenName: string): Check[] {
  const reply = parseReply(response);
  if (!reply) {
    const detail = `the response (${response.status}) is not from an ingest endpoint`;
    return [skipped('token', detail), failed('canary', detail, 'Correct AGENSIGHT_ENDPOINT.')];
  }
  const mayWrite = passed('token', `${tokenName} may write`);
  const [rejected] = reply.rejected;
  if (rejected) {
    const detail = `rejected: ${rejected.kind} ${rejected.field} ${rejected.reason}`;
    const hint = 'Use the same version of agensight here and at the endpoint.';
    return [mayWrite, failed('canary', detail, hint)];
  }
  const outcome =
    response.status === 202 ? 'accepted into the overflow queue (202)' : 'stored (200)';
  return [mayWrite, passed('canary', outcome)];
}

function batchOf({ traceId, spanId, mark }: Canary): Batch {
  const at = new Date().toISOString();
  const common = { name: 'agensight doctor', mode: 'dev', started_at: at, ended_at: at } as const;
  return {
    batch_id: uuidV7(Date.now()),
    traces: [{ id: traceId, ...common, status: 'ok', service_name: 'agensight doctor' }],
    spans: [
      {
        trace_id: traceId,
        id: spanId,
        ...common,
        kind: 'span',
        status: 'ok',
        attributes: { [MARK_ATTRIBUTE]: mark },
      },
    ],
  };
}

const CanaryRow = z.object({ attributes: z.nullable(z.record(z.string(), z.unknown())) });

/** Whether the accepted span can be read from the tables. */
export async function checkTables(
  rest: Rest | undefined,
  settings: Settings,
  canary: Canary | undefined,
  waitMillis: number,
): Promise<Check> {
  if (!rest) return skipped('tables', 'reading them needs a Supabase URL and a key', READ_HINT);
  const result = await orCliError(
    canary ? findCanary(rest, canary, waitMillis) : checkProject(rest, settings),
  );
  return result instanceof CliError ? failed('tables', result.message, result.hint) : result;
}

async function checkProject(rest: Rest, settings: Settings): Promise<Check> {
  const { name } = await findProject(rest, settings);
  return skipped('tables', `project '${name}' can be read, but no canary was sent`);
}

async function findCanary(rest: Rest, canary: Canary, waitMillis: number): Promise<Check> {
  const query = {
    select: 'attributes',
    trace_id: `eq.${canary.traceId}`,
    id: `eq.${canary.spanId}`,
  };
  const deadline = Date.now() + waitMillis;
  do {
    const [span] = await rest.rows('spans', query, CanaryRow);
    if (span?.attributes?.[MARK_ATTRIBUTE] === canary.mark) {
      return passed('tables', `the canary is stored, trace ${canary.traceId}`);
    }
    await sleep(POLL_MILLIS);
  } while (Date.now() < deadline);
  return failed(
    'tables',
    `the canary was accepted, but is not in the tables of ${rest.url.origin}`,
    'Check whether the endpoint writes to another Supabase project, and the overflow queue.',
  );
}
