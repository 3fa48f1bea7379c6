/** Checks of the endpoint itself: whether it answers, its schema and its clock. No token needed. */
import { type Endpoint, parseHealth } from '../remote/endpoint.ts';
import type { HttpResponse } from '../remote/request.ts';
import { CliError } from '../shell/errors.ts';
import { type Check, DATABASE_HINT, failed, orCliError, passed, skipped } from './check.ts';

/** With a larger skew, spans of one request on two machines overlap in the wrong order. */
const MAX_SKEW_MILLIS = 5_000;

/** Requests `GET /v1/health` and checks the endpoint, the schema of its database and the clock. */
export async function checkHealth(endpoint: Endpoint): Promise<Check[]> {
  const before = Date.now();
  const response = await orCliError(endpoint.health());
  if (response instanceof CliError) {
    return [
      failed('endpoint', response.message, response.hint),
      skipped('schema', 'the endpoint does not answer'),
      skipped('clock', 'the endpoint does not answer'),
    ];
  }
  return [...readHealth(endpoint, response), checkClock(response, (before + Date.now()) / 2)];
}

function readHealth({ url }: Endpoint, response: HttpResponse): Check[] {
  const health = parseHealth(response);
  if (!health) {
    const reason = 'the server that answers is not an ingest endpoint';
    return [explainOtherServer(url, response), skipped('schema', reason)];
  }
  if (health.status === 'unavailable') {
    const detail = `${url.href} answers, but cannot reach its database (${response.status})`;
    return [
      failed('endpoint', detail, DATABASE_HINT),
      skipped('schema', 'the database does not answer'),
    ];
  }
  const reachable = passed('endpoint', `${url.href} answers, version ${health.version}`);
  const { schema_version: found, expected_schema_version: expected } = health;
  const detail = `the database has schema version ${found}; the endpoint needs ${expected}`;
  if (health.status === 'ok') return [reachable, passed('schema', detail)];
  const hint =
    'Apply the migrations of this version: npx supabase db push, or npx agensight migrate.';
  return [reachable, failed('schema', detail, hint)];
}

/** The response is not from the ingest function: guesses from which server it is. */
function explainOtherServer(url: URL, { status, headers, json }: HttpResponse): Check {
  const type = headers.get('content-type')?.split(';')[0] ?? 'no content type';
  const detail = `${url.href} answers ${status} with ${type}, unlike an ingest endpoint`;
  const location = headers.get('location');
  if (location !== null && status >= 300 && status < 400) {
    return failed('endpoint', `${url.href} redirects to ${location}`, 'Use that URL.');
  }
  if (/\/v1(\/\w+)?\/?$/.test(url.pathname)) {
    const base = url.href.replace(/\/v1(\/\w+)?\/?$/, '');
    return failed('endpoint', detail, `Use the URL without the path: ${base}`);
  }
  if (status === 403 && json !== undefined) {
    const hint = 'The function URL must be public (auth type NONE): deploy again.';
    return failed('endpoint', detail, hint);
  }
  if (status === 429 || status >= 500) {
    return failed('endpoint', detail, 'Retry later; then check the logs of the function.');
  }
  const hint = 'Set AGENSIGHT_ENDPOINT to the URL that the deployment printed.';
  return failed('endpoint', detail, hint);
}

function checkClock({ headers }: HttpResponse, sentAtMillis: number): Check {
  const remoteMillis = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(remoteMillis)) return skipped('clock', 'the response has no Date header');
  // The header has whole seconds, rounded down.
  const skewMillis = sentAtMillis - (remoteMillis + 500);
  const seconds = Math.round(Math.abs(skewMillis) / 1000);
  if (Math.abs(skewMillis) <= MAX_SKEW_MILLIS) {
    const maximum = MAX_SKEW_MILLIS / 1000 + 1;
    return passed('clock', `less than ${maximum} s from the clock of the endpoint`);
  }
  const direction = skewMillis > 0 ? 'ahead of' : 'behind';
  const detail = `the local clock is ${seconds} s ${direction} the clock of the endpoint`;
  const hint = 'Synchronise it by NTP (timedatectl set-ntp true): the SDK takes times from it.';
  return failed('clock', detail, hint);
}
