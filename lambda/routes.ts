/** Path and method → route. */

import { type HttpError, methodNotAllowed, notFound } from './http/http-error.ts';
import type { Request } from './http/request.ts';
import { otlpLogsRoute, otlpMetricsRoute, otlpTracesRoute } from './otlp/routes.ts';
import type { DiscardRoute } from './protocol/discard.ts';
import { HEALTH_PATH } from './protocol/health.ts';
import type { IngestRoute } from './protocol/ingest-records.ts';
import { feedbackRoute, INFO_PATHS } from './protocol/langsmith.ts';
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

/** The routes whose bodies are not stored. */
export const DISCARD_ROUTES: readonly DiscardRoute[] = [otlpMetricsRoute, feedbackRoute];

/** The route of a request, or 404 or 405. */
export function findRoute(
  request: Request,
): IngestRoute | DiscardRoute | 'health' | 'info' | 'validate' | HttpError {
  if (request.path === HEALTH_PATH) {
    return request.method === 'GET' ? 'health' : methodNotAllowed('GET');
  }
  if (INFO_PATHS.includes(request.path)) {
    return request.method === 'GET' ? 'info' : methodNotAllowed('GET');
  }
  if (VALIDATE_PATHS.includes(request.path)) {
    return request.method === 'POST' ? 'validate' : methodNotAllowed('POST');
  }
  const hasPath = ({ paths }: IngestRoute | DiscardRoute): boolean => paths.includes(request.path);
  const route = INGEST_ROUTES.find(hasPath) ?? DISCARD_ROUTES.find(hasPath);
  if (!route) return notFound();
  return request.method === 'POST' ? route : methodNotAllowed('POST');
}
