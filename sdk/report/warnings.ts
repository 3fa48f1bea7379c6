/**
 * Warnings to the host program. Each code is reported once per instance, and to the console only where the
 * platform has nothing else for them.
 */
import { processWarning } from '../platform/process-warning.ts';

/**
 * What is reported on standard error: process warnings and lost records (`warn`), lost records only
 * (`error`), or nothing (`silent`).
 *
 * @example
 * init({ log: 'silent' });
 */
export type LogLevel = 'warn' | 'error' | 'silent';

/**
 * A problem that the SDK reports to the option `onWarning`.
 *
 * @example
 * const onWarning = ({ code, message }: Warning) => logger.warn({ code }, message);
 */
export interface Warning {
  /** Stable identifier for filters, such as `queue-full`, `retry` or `refused`. */
  readonly code: string;
  /** Description of the problem in English. May change between versions. */
  readonly message: string;
}

/**
 * Receives each warning code once: the option `onWarning` of `init`. What it throws is
 * ignored.
 *
 * @param warning The problem.
 * @example
 * init({ onWarning: ({ code, message }) => logger.warn({ code }, message) });
 */
export type OnWarning = (warning: Warning) => void;

/** Reports a warning unless its code was reported before. */
export type Warn = (code: string, message: string) => void;

/**
 * Reports to `onWarning`, or else as a process warning (`--no-warnings` silences those) unless the level
 * excludes them. `warned` has the codes that were reported.
 */
export const createWarn =
  (onWarning: OnWarning | undefined, warned: Set<string>, log: LogLevel = 'warn'): Warn =>
  (code, message) => {
    if (warned.has(code)) return;
    warned.add(code);
    try {
      if (onWarning) onWarning({ code, message });
      else if (log === 'warn') processWarning(message, code);
    } catch {
      // A logger that throws must not break the host program.
    }
  };
