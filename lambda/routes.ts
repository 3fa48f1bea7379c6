/** Path and method → route. */

import { type HttpError, methodNotAllowed, notFound } from './http/http-error.ts';
import type { Request } from './http/request.ts';
import { otlpLogsRoute, otlpTracesRoute } from './otlp/routes.ts';
import { HEALTH_PATH } from './protocol/health.ts';
import type { IngestRoute } from './protocol/ingest-records.ts';
import { INFO_PATH } from './protocol/langsmith-info.ts';
import { nativeRoute } from './protocol/native.ts';
import { pythonRoutes } from './python/routes.ts';
import { VALIDATE_PATHS } from './python/validate-token.ts';

/** The routes that receive records. */
export const INGEST_ROUTES: readonly IngestRoute[] = [
  nativeRoute,
  otlpTracesRoute,
  otlpLogsRoute,
  ...pythonRoutes,
];

/** The route of a request, or 404 or 405. */
export function findRoute(
  request: Request,
): IngestRoute | 'health' | 'info' | 'validate' | HttpError {
  if (request.path === HEALTH_PATH) {
    return request.method === 'GET' ? 'health' : methodNotAllowed('GET');
  }
  if (request.path === INFO_PATH) {
    return request.method === 'GET' ? 'info' : methodNotAllowed('GET');
  }
  if (VALIDATE_PATHS.includes(request.path)) {
    return request.method === 'POST' ? 'validate' : methodNotAllowed('POST');
  }
  const route = INGEST_ROUTES.find(({ paths }) => paths.includes(request.path));
  if (!route) return notFound();
  return request.method === 'POST' ? route : methodNotAllowed('POST');
}
