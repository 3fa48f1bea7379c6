import { describe, expect, it } from 'vitest';
import { HttpError } from '../../lambda/http/http-error.ts';
import { readEvent } from '../../lambda/http/request.ts';
import { findRoute } from '../../lambda/routes.ts';
import { functionUrlEvent } from './support/http-event.ts';

function find(method: string, path: string) {
  const route = findRoute(readEvent(functionUrlEvent({ method, path })));
  if (route instanceof HttpError) return { status: route.status, headers: route.headers };
  return typeof route === 'string' ? route : route.name;
}

describe('findRoute', () => {
  it.each([
    ['POST', '/v1/batch', 'native'],
    ['POST', '/v1/traces', 'otlp'],
    ['POST', '/api/public/otel/v1/traces', 'otlp'],
    ['POST', '/otel/v1/traces', 'otlp'],
    ['GET', '/v1/health', 'health'],
    ['GET', '/info', 'info'],
    ['POST', '/v1/metrics', 'metrics'],
    ['POST', '/api/public/otel/v1/metrics', 'metrics'],
    ['POST', '/feedback', 'feedback'],
    ['POST', '//api/public/otel/v1/traces', 'otlp'],
    ['POST', '/v1//traces/', 'otlp'],
    ['POST', '//prod//api/v1/logs/create/span', 'python'],
    ['POST', '/api/v1/auth/validate', 'validate'],
    ['POST', '/prod/api/v1/auth/validate', 'validate'],
    ['POST', '/dev/api/v1/auth/validate', 'validate'],
    ['POST', '/api/v1/logs/create/session', 'python'],
    ['POST', '/prod/api/v1/logs/create/trace', 'python'],
    ['POST', '/dev/api/v1/logs/create/trace/update', 'python'],
  ])('maps %s %s to %s', (method, path, route) => {
    expect(find(method, path)).toBe(route);
  });

  it.each(['', '/', '/v1', '/v1/batch/x', '/V1/BATCH', '/v1/batch?x'])(
    'finds nothing at "%s"',
    (path) => {
      expect(find('POST', path)).toMatchObject({ status: 404 });
    },
  );

  it.each([
    ['GET', '/v1/batch', 'POST'],
    ['DELETE', '/v1/traces', 'POST'],
    ['POST', '/v1/health', 'GET'],
    ['POST', '/info', 'GET'],
    ['GET', '/api/v1/auth/validate', 'POST'],
    ['GET', '/prod/api/v1/logs/create/span', 'POST'],
  ])('refuses %s %s and names the allowed method', (method, path, allow) => {
    expect(find(method, path)).toEqual({ status: 405, headers: { allow } });
  });
});
