/** What door? Path and method → one way in. */

import { HttpError } from './http/http-error.ts';
import type { Request } from './http/request.ts';
import { otlpLogsRoute, otlpTracesRoute } from './otlp/routes.ts';
import { HEALTH_PATH } from './protocol/health.ts';
import type { IngestRoute } from './protocol/ingest-records.ts';
import { INFO_PATH } from './protocol/langsmith-info.ts';
import { nativeRoute } from './protocol/native.ts';
import { pythonRoutes } from './python/routes.ts';
import { VALIDATE_PATHS } from './python/validate-token.ts';

const INGEST_ROUTES: readonly IngestRoute[] = [
  nativeRoute,
  otlpTracesRoute,
  otlpLogsRoute,
  ...pythonRoutes,
];

/** The door for a request, or a refusal with 404 or 405. */
export function findRoute(
  request: Request,
): IngestRoute | 'health' | 'info' | 'validate' | HttpError {
  if (request.path === HEALTH_PATH) return request.method === 'GET' ? 'health' : wrongMethod('GET');
  if (request.path === INFO_PATH) return request.method === 'GET' ? 'info' : wrongMethod('GET');
  if (VALIDATE_PATHS.includes(request.path)) {
    return request.method === 'POST' ? 'validate' : wrongMethod('POST');
  }
  const door = INGEST_ROUTES.find(({ paths }) => paths.includes(request.path));
  if (!door) return new HttpError(404, 'not_found', 'There is nothing at this path.');
  return request.method === 'POST' ? door : wrongMethod('POST');
}

function wrongMethod(allowed: string): HttpError {
  return new HttpError(405, 'method_not_allowed', `Use ${allowed}.`, { allow: allowed });
}
