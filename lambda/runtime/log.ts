/** Structured log lines. Callers pass facts about a request, never its token or its content. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { LogLevel } from './config.ts';

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined | Error>>;

export interface Log {
  debug(message: string, facts: Facts): void;
  warn(message: string, facts: Facts): void;
  error(message: string, facts: Facts): void;
}

export function createLog(logLevel: LogLevel, service = 'agensight-ingest'): Log {
  const logger = new Logger({ serviceName: service, logLevel });
  return {
    debug: (message, facts) => logger.debug(message, facts),
    warn: (message, facts) => logger.warn(message, facts),
    error: (message, facts) => logger.error(message, facts),
  };
}

/** Kind and place of an error for the log; its message is left out, because it may quote content. */
export function whereOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something was thrown that is no Error';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 5).map((line) => line.trim())].join(' ');
}
