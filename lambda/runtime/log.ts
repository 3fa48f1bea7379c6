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
