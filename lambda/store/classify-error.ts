/** What a failed database call means for the caller. */
import { isRetryableStatus } from '../../wire/protocol.ts';

/** Seconds after which to retry a transient error, and one that needs an operator. */
const RETRY_SOON_SECONDS = 5;
const RETRY_LATE_SECONDS = 60;

export type DatabaseError =
  | { status: 'unauthorized' }
  | { status: 'forbidden' }
  | { status: 'refused'; reason: string; code: string }
  | {
      status: 'retry';
      afterSeconds: number;
      reason: string;
      /** The database as a whole is unavailable: other calls would fail too. */
      isUnavailable: boolean;
      /** The database does not accept the key of this function. */
      isKeyRefused: boolean;
    };

interface ReportedError {
  code?: string;
  message?: string;
  details?: string | null;
}

/**
 * Classifies an error by its SQLSTATE or PostgREST code, never by its message.
 *
 * Only an error that is certainly caused by the data is refused for good. Every other one, known or
 * not (no network, a timeout, a wrong key, a missing migration), is retried by the client.
 */
export function classifyError(error: ReportedError, httpStatus: number): DatabaseError {
  const code = error.code ?? '';
  if (code === 'PT401') return { status: 'unauthorized' };
  if (code === 'PT403') return { status: 'forbidden' };
  // The message of a data error quotes the data, so only its code is passed on.
  if (isDataError(code)) {
    return { status: 'refused', reason: `the database refused it (${code})`, code };
  }
  if (httpStatus === 413) {
    return { status: 'refused', reason: 'too large for the database', code };
  }
  return {
    status: 'retry',
    afterSeconds: isTransient(code, httpStatus) ? RETRY_SOON_SECONDS : RETRY_LATE_SECONDS,
    reason: reasonOf(error, code, httpStatus),
    isUnavailable: isUnavailable(code, httpStatus),
    isKeyRefused: httpStatus === 401,
  };
}

/**
 * 21: a row twice in one statement; 22: a value out of range or malformed; 23: a constraint;
 * 54: a row or value over a limit of Postgres; PT400, PT410, P0001: raised by our own functions.
 */
function isDataError(code: string): boolean {
  return /^(21|22|23|54)[0-9A-Z]{3}$/.test(code) || /^(PT400|PT410|P0001)$/.test(code);
}

/**
 * 08: connection; 25006: read only during a failover; 40: serialization and deadlock; 53: out of
 * resources; 55P03: lock; 57: cancelled or shutting down; PGRST00x: PostgREST lost the database.
 */
function isTransient(code: string, httpStatus: number): boolean {
  if (/^((08|40|53|57)[0-9A-Z]{3}|25006|55P03|PGRST00\d)$/.test(code)) return true;
  return isTransientAnswer(code, httpStatus);
}

/**
 * Whether the error concerns the database rather than this call. A cancelled statement (57014), a
 * lock or a deadlock may be caused by this batch, and another batch may succeed.
 */
function isUnavailable(code: string, httpStatus: number): boolean {
  if (/^((08|53)[0-9A-Z]{3}|57P[0-9A-Z]{2}|25006|PGRST00\d)$/.test(code)) return true;
  return isTransientAnswer(code, httpStatus);
}

/** Without a code, the answer comes from a gateway or, with status 0, from no server at all. */
function isTransientAnswer(code: string, httpStatus: number): boolean {
  return code === '' && (httpStatus === 0 || isRetryableStatus(httpStatus));
}

function reasonOf(error: ReportedError, code: string, httpStatus: number): string {
  if (code) return `database error ${code}`;
  if (httpStatus !== 0) return `HTTP ${httpStatus} instead of an answer from the database`;
  // There was no response, so the message is fetch's own; its cause, as `ECONNREFUSED`, ends `details`.
  const [, cause = ''] = /\((E[A-Z_]+|UND_[A-Z_]+)\)/.exec(error.details ?? '') ?? [];
  return `no answer from the database: ${error.message ?? ''} ${cause}`.trimEnd();
}
