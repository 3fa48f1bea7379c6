/** Records in the form of the wire and of `export`: one JSON object each. */
import * as z from 'zod/mini';
import { RECORD_KINDS, type RecordKind } from '../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../wire/records.ts';
import { CliError } from '../shell/errors.ts';
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
 * Parses a line of an export.
 *
 * @throws CliError when it is invalid
 */
export function readLine(line: string, number: number): WireRecord {
  let parsed: unknown;
  try {
    parsed = parseExactly(line);
  } catch (error) {
    throw new CliError(`line ${number} is not valid JSON: ${(error as Error).message}`, {
      code: 'AGENSIGHT_CLI_INPUT',
      hint: EXPORT_HINT,
      cause: error,
    });
  }
  const { data, error } = ExportLine.safeParse(parsed);
  if (!data) {
    const message = `line ${number} does not have the form {"kind": ..., "record": {...}}`;
    throw new CliError(message, { code: 'AGENSIGHT_CLI_INPUT', hint: EXPORT_HINT, cause: error });
  }
  const { kind, record } = data;
  const trace = kind === 'session' ? null : kind === 'trace' ? record.id : record.trace_id;
  return { kind, traceId: trace === null ? null : String(trace), json: JSON.stringify(record) };
}

const ExportLine = z.object({
  kind: z.enum(RECORD_KINDS),
  record: z.looseObject({ id: z.optional(z.unknown()), trace_id: z.optional(z.unknown()) }),
});

const EXPORT_HINT = 'Use a file that "agensight export" wrote.';

/** A table row as a record with the known fields of its kind. */
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

/** A time in the SDK's format; Postgres writes `+00:00`, or a space and `+00`. */
export const wireTime = (time: string): string =>
  time.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z');

/** Name and type of each field of a kind. */
export const fieldsOf = (kind: RecordKind): [string, FieldType][] =>
  Object.entries(RECORDS[kind].fields);
