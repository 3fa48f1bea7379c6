/** Trouble is told once per kind, not once per span, and never by a print of ours. */
import { shared } from '../platform/shared.ts';

/** Kinds of trouble that were reported. */
export const warned: Set<string> = shared('warned', () => new Set());

/** A kind of trouble and a sentence about it. */
export interface Warning {
  /** Stable, for filters: `queue-full`, `retry`, `refused`, ... */
  readonly code: string;
  readonly message: string;
}

/** Where warnings go. */
export type OnWarning = (warning: Warning) => void;

/** Reports a kind of trouble the first time that it is seen. */
export type Warn = (code: string, message: string) => void;

/** Reports to `onWarning`, by default as a process warning (`--no-warnings` silences those). */
export const createWarn =
  (onWarning: OnWarning | undefined): Warn =>
  (code, message) => {
    if (warned.has(code)) return;
    warned.add(code);
    try {
      if (onWarning) onWarning({ code, message });
      else globalThis.process?.emitWarning?.(message, { type: 'AgensightWarning', code });
    } catch {
      // A logger that fails must not take the host program with it.
    }
  };
