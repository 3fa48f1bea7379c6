/** Records as they travel and as `export` writes them: one JSON object each. */
import { RECORD_KINDS, type RecordKind } from '../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../wire/records.ts';
import { Failure } from '../shell/command.ts';
import { parseExactly } from './exact-json.ts';

export interface WireRecord {
  readonly kind: RecordKind;
  /** Null for a session. */
  readonly traceId: string | null;
  /** The record as JSON text. */
  readonly json: string;
}

/**
 * One line of an export: `{"kind":"span","record":{...}}`. The record is not spread beside `kind`,
 * because a span has a field of that name.
 */
export const lineOf = ({ kind, json }: WireRecord): string => `{"kind":"${kind}","record":${json}}`;

/**
 * Reads such a line.
 *
 * @throws Failure when it is none
 */
export function readLine(line: string, number: number): WireRecord {
  let parsed: unknown;
  try {
    parsed = parseExactly(line);
  } catch (error) {
    throw new Failure(`line ${number} is no JSON: ${(error as Error).message}`, {
      cure: EXPORT_CURE,
      cause: error,
    });
  }
  const { kind, record } = (parsed ?? {}) as { kind?: RecordKind; record?: unknown };
  if (!kind || !RECORD_KINDS.includes(kind) || typeof record !== 'object' || record === null) {
    throw new Failure(`line ${number} is not {"kind": ..., "record": {...}}`, EXPORT_CURE);
  }
  const { id, trace_id } = record as { id?: unknown; trace_id?: unknown };
  const trace = kind === 'session' ? null : kind === 'trace' ? id : trace_id;
  return { kind, traceId: trace === null ? null : String(trace), json: JSON.stringify(record) };
}

const EXPORT_CURE = 'Give a file that `agensight export` wrote.';

/** A row of a table as a record: the fields of the wire that are known. */
export function recordOfRow(
  kind: RecordKind,
  fields: readonly (readonly [string, FieldType])[],
  row: Readonly<Record<string, unknown>>,
  jsonOf: (type: FieldType, value: unknown) => string,
): WireRecord {
  const parts: string[] = [];
  for (const [name, type] of fields) {
    const value = row[name];
    if (value !== null && value !== undefined) parts.push(`"${name}":${jsonOf(type, value)}`);
  }
  const key = kind === 'session' ? null : kind === 'trace' ? row.id : row.trace_id;
  return { kind, traceId: key === null ? null : String(key), json: `{${parts.join()}}` };
}

/** A time as the SDK writes it; Postgres writes `+00:00`, or a space and `+00`. */
export const wireTime = (time: string): string =>
  time.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z');

/** The fields of a kind, by name and type. */
export const fieldsOf = (kind: RecordKind): [string, FieldType][] =>
  Object.entries(RECORDS[kind].fields);
