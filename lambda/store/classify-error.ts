/** What a failed call of the database means for the caller. */

/** Seconds after which a client should try again: a passing fault, and one that needs a person. */
const RETRY_SOON_SECONDS = 5;
const RETRY_LATE_SECONDS = 60;

export type DatabaseFault =
  | { status: 'unauthorized' }
  | { status: 'forbidden' }
  | { status: 'refused'; reason: string; code: string }
  | {
      status: 'retry';
      afterSeconds: number;
      reason: string;
      /** The database itself does not serve: other calls will fare no better. */
      isAway: boolean;
      /** The key of this function is not taken. */
      isKeyRefused: boolean;
    };

interface ReportedError {
  code?: string;
  message?: string;
  details?: string | null;
}

/**
 * Sorts a fault by its SQLSTATE or PostgREST code, never by its message.
 *
 * Only what is certainly the fault of the data is refused for good. Everything else, known or not
 * (no network, a timeout, a wrong key, a missing migration), leaves the batch with the client.
 */
export function classifyFault(error: ReportedError, httpStatus: number): DatabaseFault {
  const code = error.code ?? '';
  if (code === 'PT401') return { status: 'unauthorized' };
  if (code === 'PT403') return { status: 'forbidden' };
  // The text of a data error quotes the data, so only its code leaves this function.
  if (isDataError(code)) {
    return { status: 'refused', reason: `the database refused it (${code})`, code };
  }
  if (httpStatus === 413) {
    return { status: 'refused', reason: 'too large for the database', code };
  }
  return {
    status: 'retry',
    afterSeconds: isPassing(code, httpStatus) ? RETRY_SOON_SECONDS : RETRY_LATE_SECONDS,
    reason: reasonOf(error, code, httpStatus),
    isAway: isAway(code, httpStatus),
    isKeyRefused: httpStatus === 401,
  };
}

/**
 * 21: a row twice in one statement; 22: a value out of range or form; 23: a constraint;
 * 54: a row or value over a limit of Postgres; PT400, PT410, P0001: raised by a check of ours.
 */
function isDataError(code: string): boolean {
  return /^(21|22|23|54)[0-9A-Z]{3}$/.test(code) || /^(PT400|PT410|P0001)$/.test(code);
}

/**
 * 08: connection; 25006: read only during a failover; 40: serialization and deadlock; 53: out of
 * resources; 55P03: lock; 57: cancelled or shutting down; PGRST00x: PostgREST lost the database.
 */
function isPassing(code: string, httpStatus: number): boolean {
  if (/^((08|40|53|57)[0-9A-Z]{3}|25006|55P03|PGRST00\d)$/.test(code)) return true;
  return code === '' && (httpStatus === 0 || httpStatus === 429 || httpStatus >= 500);
}

/**
 * Whether it is about the database rather than about this call. A cancelled statement (57014), a lock
 * or a deadlock may be this batch's own trouble, and another batch is worth a try.
 */
function isAway(code: string, httpStatus: number): boolean {
  if (/^((08|53)[0-9A-Z]{3}|57P[0-9A-Z]{2}|25006|PGRST00\d)$/.test(code)) return true;
  return code === '' && (httpStatus === 0 || httpStatus === 429 || httpStatus >= 500);
}

function reasonOf(error: ReportedError, code: string, httpStatus: number): string {
  if (code) return `database error ${code}`;
  if (httpStatus !== 0) return `no answer from the database, but HTTP ${httpStatus}`;
  // Nothing came back, so this message is fetch's own; the cause, as `ECONNREFUSED`, ends its details.
  const [, cause = ''] = /\((E[A-Z_]+|UND_[A-Z_]+)\)/.exec(error.details ?? '') ?? [];
  return `no answer from the database: ${error.message ?? ''} ${cause}`.trimEnd();
}
