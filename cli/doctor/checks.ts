/** What `agensight doctor` looks at, one after the other; each failure is named with its cure. */
import { randomUUID } from 'node:crypto';
import { spanId, traceId, uuidV7 } from '../../sdk/platform/ids.ts';
import type { Batch } from '../../wire/records.ts';
import {
  type Endpoint,
  problemOfToken,
  refusalIn,
  replyIn,
  TOKEN_CURE,
} from '../remote/endpoint.ts';
import type { Answer } from '../remote/request.ts';
import { fateOf, findProject, READ_CURE, type Rest } from '../remote/rest.ts';
import { Failure } from '../shell/command.ts';
import { maskToken, type Setting, type Settings } from '../shell/settings.ts';

export interface Check {
  readonly name: 'runtime' | 'endpoint' | 'schema' | 'clock' | 'token' | 'canary' | 'tables';
  readonly status: 'ok' | 'failed' | 'not checked';
  readonly detail: string;
  /** What to do about it; empty when there is nothing to do. */
  readonly cure: string;
}

type Name = Check['name'];

export const passed = (name: Name, detail: string): Check => ({
  name,
  status: 'ok',
  detail,
  cure: '',
});
export const failed = (name: Name, detail: string, cure: string): Check => ({
  name,
  status: 'failed',
  detail,
  cure,
});
export const skipped = (name: Name, detail: string, cure = ''): Check => ({
  name,
  status: 'not checked',
  detail,
  cure,
});

/** A clock that is off by more makes traces of one request on two machines cross each other. */
export const MAX_SKEW_MILLIS = 5_000;
/** How long a span may take from the answer to the tables: at once, or over the overflow queue. */
const STORED_WAIT_MILLIS = 2_000;
const QUEUED_WAIT_MILLIS = 30_000;

/** Whether `GET /v1/health` is answered, by the ingest function, and what it says of the database. */
export async function checkHealth(endpoint: Endpoint): Promise<Check[]> {
  const before = Date.now();
  const answer = await orFailure(endpoint.health());
  if (answer instanceof Failure) {
    return [
      failed('endpoint', answer.message, answer.cure),
      skipped('schema', 'the endpoint does not answer'),
      skipped('clock', 'the endpoint does not answer'),
    ];
  }
  return [...readHealth(endpoint, answer), checkClock(answer, (before + Date.now()) / 2)];
}

function readHealth({ url }: Endpoint, answer: Answer): Check[] {
  const health = answer.json as Record<string, unknown> | null | undefined;
  const { status, schema_version: schema, expected_schema_version: expected } = health ?? {};
  if (typeof expected !== 'number') {
    return [whatElseAnswers(url, answer), skipped('schema', 'the endpoint does not tell')];
  }
  const here = passed('endpoint', `${url.href} answers, version ${health?.version}`);
  if (status === 'unavailable') {
    return [
      failed(
        'endpoint',
        `${url.href} answers, but cannot reach its database (${answer.status})`,
        DATABASE_CURE,
      ),
      skipped('schema', 'the database does not answer'),
    ];
  }
  const needs = `has schema ${schema}, and the endpoint needs ${expected}`;
  if (status === 'ok') return [here, passed('schema', `the database ${needs}`)];
  return [
    here,
    failed('schema', `the database ${needs}`, 'Bring it up to date: npx supabase db push'),
  ];
}

const DATABASE_CURE =
  'Look whether the Supabase project is paused or overloaded, and at the function’s SUPABASE_URL and key.';

/** Somebody answers who is not the ingest function. */
function whatElseAnswers(url: URL, { status, headers, json }: Answer): Check {
  const type = headers.get('content-type')?.split(';')[0] ?? 'nothing';
  const is = `${url.href} answers ${status} with ${type}, not as the ingest endpoint does`;
  const location = headers.get('location');
  if (location !== null && status >= 300 && status < 400) {
    return failed('endpoint', `${url.href} sends to ${location}`, 'Use the address it leads to.');
  }
  if (/\/v1(\/\w+)?\/?$/.test(url.pathname)) {
    const cure = `Leave the path away: ${url.href.replace(/\/v1(\/\w+)?\/?$/, '')}`;
    return failed('endpoint', is, cure);
  }
  if (status === 403 && json !== undefined) {
    return failed(
      'endpoint',
      is,
      'The function URL must be public (auth type NONE): deploy again.',
    );
  }
  if (status === 429 || status >= 500) {
    return failed('endpoint', is, "Wait and try again; then look at the function's logs.");
  }
  return failed('endpoint', is, 'Set AGENSIGHT_ENDPOINT to the URL that the deployment printed.');
}

function checkClock({ headers }: Answer, sentAtMillis: number): Check {
  const theirs = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return skipped('clock', 'the answer has no Date header');
  // The header has whole seconds, cut off.
  const skewMillis = sentAtMillis - (theirs + 500);
  const seconds = Math.round(Math.abs(skewMillis) / 1000);
  if (Math.abs(skewMillis) <= MAX_SKEW_MILLIS) {
    return passed('clock', `less than ${MAX_SKEW_MILLIS / 1000 + 1} s from the endpoint's`);
  }
  const direction = skewMillis > 0 ? 'ahead of' : 'behind';
  return failed(
    'clock',
    `this clock is ${seconds} s ${direction} the endpoint's`,
    'Set it by NTP (timedatectl set-ntp true); times in the tables are from here.',
  );
}

/** A span that is told apart from all others. */
export interface Canary {
  readonly traceId: string;
  readonly spanId: string;
  readonly mark: string;
}

/** Sends one span; what the endpoint answers tells of the token and of the way in. */
export async function checkToken(
  endpoint: Endpoint,
  settings: Settings,
  rest: Rest | undefined,
): Promise<{ checks: Check[]; canary?: Canary; waitMillis: number }> {
  const { token } = settings;
  const problem = token && problemOfToken(token.value);
  if (!token || problem) {
    const detail = token
      ? `${token.from} ${problem}`
      : 'there is none: AGENSIGHT_TOKEN, or --token';
    const checks = [failed('token', detail, TOKEN_CURE), skipped('canary', 'there is no token')];
    return { checks, waitMillis: 0 };
  }
  const canary = { traceId: traceId(Date.now()), spanId: spanId(), mark: randomUUID() };
  const answer = await orFailure(endpoint.send(JSON.stringify(batchOf(canary))));
  if (answer instanceof Failure) {
    const checks = [
      skipped('token', 'the endpoint does not answer'),
      failed('canary', answer.message, answer.cure),
    ];
    return { checks, waitMillis: 0 };
  }
  const checks = await readSent(answer, token, rest);
  const isIn = checks.every(({ status }) => status === 'ok');
  const waitMillis = answer.status === 202 ? QUEUED_WAIT_MILLIS : STORED_WAIT_MILLIS;
  return isIn ? { checks, canary, waitMillis } : { checks, waitMillis: 0 };
}

async function readSent(answer: Answer, token: Setting, rest: Rest | undefined): Promise<Check[]> {
  const named = `${maskToken(token.value)} (${token.from})`;
  const good = passed('token', `${named} may write`);
  const { status } = answer;
  if (status === 200 || status === 202) {
    const reply = replyIn(answer);
    if (!reply) {
      const detail = `the answer, ${status}, is not the ingest endpoint's`;
      return [skipped('token', detail), failed('canary', detail, 'Correct AGENSIGHT_ENDPOINT.')];
    }
    const [rejected] = reply.rejected;
    if (rejected) {
      const detail = `rejected: ${rejected.kind} ${rejected.field} ${rejected.reason}`;
      return [good, failed('canary', detail, 'Use the same version here and at the endpoint.')];
    }
    const how = status === 202 ? 'taken into the overflow queue (202)' : 'stored (200)';
    return [good, passed('canary', how)];
  }
  if (status === 401 || status === 403) {
    const fate = rest && (await orFailure(fateOf(rest, token.value)));
    const detail = `${named} is refused (${refusalIn(answer)})`;
    const more = typeof fate === 'string' ? `; ${fate}` : '';
    return [failed('token', detail + more, TOKEN_CURE), skipped('canary', 'the token is refused')];
  }
  if (status === 429) {
    const seconds = answer.headers.get('retry-after');
    const detail = `the budget of the token or of the project is spent (${refusalIn(answer)})`;
    const cure = `Wait ${seconds ?? 'some'} s, or raise projects.requests_per_minute.`;
    return [skipped('token', 'over budget'), failed('canary', detail, cure)];
  }
  const cure = status >= 500 ? DATABASE_CURE : 'Correct AGENSIGHT_ENDPOINT.';
  return [skipped('token', 'not answered'), failed('canary', refusalIn(answer), cure)];
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
        attributes: { 'agensight.canary': mark },
      },
    ],
  };
}

/** Whether the span that was taken can be read from the tables. */
export async function checkTables(
  rest: Rest | undefined,
  settings: Settings,
  canary: Canary | undefined,
  waitMillis: number,
): Promise<Check> {
  if (!rest) return skipped('tables', 'there is no way to read them', READ_CURE);
  try {
    if (!canary) {
      const { name } = await findProject(rest, settings);
      return skipped('tables', `project '${name}' can be read, but no canary was sent`);
    }
    const deadline = Date.now() + waitMillis;
    do {
      const [span] = await rest.rows<{ attributes: Record<string, unknown> }>('spans', {
        select: 'attributes',
        trace_id: `eq.${canary.traceId}`,
        id: `eq.${canary.spanId}`,
      });
      if (span?.attributes?.['agensight.canary'] === canary.mark) {
        return passed('tables', `the canary is there, trace ${canary.traceId}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    } while (Date.now() < deadline);
    return failed(
      'tables',
      `the canary was taken, but is not in the tables of ${rest.url.origin}`,
      'Look whether the endpoint writes to another Supabase project, and at the overflow queue.',
    );
  } catch (error) {
    if (error instanceof Failure) return failed('tables', error.message, error.cure);
    throw error;
  }
}

/** A failure as a value, where another check goes on. */
async function orFailure<T>(promise: Promise<T>): Promise<T | Failure> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
