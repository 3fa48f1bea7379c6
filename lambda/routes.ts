/** Path and method → route. */

import { type HttpError, methodNotAllowed, notFound } from './http/http-error.ts';
import type { Request } from './http/request.ts';
import { langfuseDiscardRoutes, langfuseRoute } from './langfuse/routes.ts';
import { feedbackRoute, INFO_PATHS } from './langsmith/info.ts';
import { langsmithRoutes } from './langsmith/routes.ts';
import { openAiRoute } from './openai/routes.ts';
import { otlpLogsRoute, otlpMetricsRoute, otlpTracesRoute } from './otlp/routes.ts';
import { type DiscardRoute, imagesRoute } from './protocol/discard.ts';
import { HEALTH_PATH } from './protocol/health.ts';
import type { IngestRoute } from './protocol/ingest-records.ts';
import { nativeRoute } from './protocol/native.ts';
import { pythonRoutes } from './python/routes.ts';
import { VALIDATE_PATHS } from './python/validate-token.ts';

/** The routes that receive records. */
export const INGEST_ROUTES: readonly IngestRoute[] = [
  nativeRoute,
  otlpTracesRoute,
  otlpLogsRoute,
  ...pythonRoutes,
  ...langsmithRoutes,
  langfuseRoute,
  openAiRoute,
];

/** The routes whose bodies are not stored. */
export const DISCARD_ROUTES: readonly DiscardRoute[] = [
  otlpMetricsRoute,
  feedbackRoute,
  ...langfuseDiscardRoutes,
  imagesRoute,
];

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
  const routes = [...INGEST_ROUTES, ...DISCARD_ROUTES].filter((route) => hasPath(route, request));
  if (routes.length === 0) return notFound();
  const route = routes.find((one) => methodOf(one) === request.method);
  return route ?? methodNotAllowed([...new Set(routes.map(methodOf))].join(', '));
}

type Route = IngestRoute | DiscardRoute;

const hasPath = (route: Route, { path }: Request): boolean =>
  route.paths.includes(path) || ('pattern' in route && route.pattern?.test(path) === true);

const methodOf = (route: Route): string => ('method' in route && route.method) || 'POST';
