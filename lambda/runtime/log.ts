/** Structured log lines. Callers log fields about a request, never its token or its content. */
import { Logger } from '@aws-lambda-powertools/logger';
import { serviceName } from '../../wire/operations.ts';
import type { LogLevel } from '../../wire/settings.ts';

export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | Error>
>;

export interface Log {
  debug(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  error(message: string, fields: LogFields): void;
}

export function createLog(logLevel: LogLevel, service: string = serviceName('ingest')): Log {
  const logger = new Logger({ serviceName: service, logLevel });
  return {
    debug: (message, fields) => logger.debug(message, fields),
    warn: (message, fields) => logger.warn(message, fields),
    error: (message, fields) => logger.error(message, fields),
  };
}

/** Name and stack frames of an error for the log, without its message, which may quote content. */
export function locationOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the thrown value is not an Error';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 5).map((line) => line.trim())].join(' ');
}
