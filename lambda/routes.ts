/** What door? Path and method → one way in. */

import { Refusal } from './http/refusal.ts';
import type { Request } from './http/request.ts';
import { otlpLogsDoor, otlpTracesDoor } from './otlp/door.ts';
import { HEALTH_PATH } from './protocol/health.ts';
import { INFO_PATH } from './protocol/langsmith-info.ts';
import { nativeDoor } from './protocol/native.ts';
import type { RecordDoor } from './protocol/record-door.ts';
import { pythonDoors } from './python/door.ts';
import { VALIDATE_PATHS } from './python/validate-token.ts';

const RECORD_DOORS: readonly RecordDoor[] = [
  nativeDoor,
  otlpTracesDoor,
  otlpLogsDoor,
  ...pythonDoors,
];

/** The door for a request, or a refusal with 404 or 405. */
export function findDoor(request: Request): RecordDoor | 'health' | 'info' | 'validate' | Refusal {
  if (request.path === HEALTH_PATH) return request.method === 'GET' ? 'health' : wrongMethod('GET');
  if (request.path === INFO_PATH) return request.method === 'GET' ? 'info' : wrongMethod('GET');
  if (VALIDATE_PATHS.includes(request.path)) {
    return request.method === 'POST' ? 'validate' : wrongMethod('POST');
  }
  const door = RECORD_DOORS.find(({ paths }) => paths.includes(request.path));
  if (!door) return new Refusal(404, 'not_found', 'There is nothing at this path.');
  return request.method === 'POST' ? door : wrongMethod('POST');
}

function wrongMethod(allowed: string): Refusal {
  return new Refusal(405, 'method_not_allowed', `Use ${allowed}.`, { allow: allowed });
}
