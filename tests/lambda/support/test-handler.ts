import { createHash } from 'node:crypto';
import type { Dependencies } from '../../../lambda/dependencies.ts';
import type { HttpResponse } from '../../../lambda/http/response.ts';
import { createHandler, type Handler } from '../../../lambda/ingest.ts';
import type { LogFields } from '../../../lambda/runtime/log.ts';
import type { RequestInfo } from '../../../lambda/runtime/metrics.ts';
import { type EventParts, functionUrlEvent } from './http-event.ts';
import { createRecordingStore, GOOD_TOKEN, type RecordingStore } from './recording-store.ts';

export interface LogLine {
  level: 'debug' | 'warn' | 'error';
  message: string;
  fields: LogFields;
}

export interface TestHandler {
  handler: Handler;
  dependencies: Dependencies;
  store: RecordingStore;
  clock: { millis: number };
  logged: LogLine[];
  measured: RequestInfo[];
  /** Sends one request with a valid token. */
  send(parts: EventParts): Promise<HttpResponse>;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The real handler on a recording store, with a clock that only tests advance. */
export function createTestHandler(): TestHandler {
  const store = createRecordingStore(sha256);
  const clock = { millis: Date.UTC(2026, 0, 2) };
  const logged: LogLine[] = [];
  const measured: RequestInfo[] = [];
  const line = (level: LogLine['level']) => (message: string, fields: LogFields) => {
    logged.push({ level, message, fields });
  };
  const dependencies: Dependencies = {
    store,
    now: () => clock.millis,
    log: { debug: line('debug'), warn: line('warn'), error: line('error') },
    metrics: { record: (fields) => measured.push(fields) },
    version: '1.2.3',
  };
  const handler = createHandler(dependencies);
  return {
    handler,
    dependencies,
    store,
    clock,
    logged,
    measured,
    send: (parts) =>
      handler(
        functionUrlEvent({
          ...parts,
          headers: { authorization: `Bearer ${GOOD_TOKEN}`, ...parts.headers },
        }),
      ),
  };
}
