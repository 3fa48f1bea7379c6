/**
 * Last stage before a record leaves the process, to the network, to SQLite or to the spool: redacts
 * secrets, then applies the user's `mask`.
 *
 * Scanning each record alone would be slow. So records are collected into groups of a few kilobytes,
 * and the text in them that came from the host program (`notedText` of `fields.ts`) is scanned once per
 * group; when it holds no secret, the group passes unchanged.
 */
import type { TableName } from '../../wire/records.ts';
import { mayHoldSecret } from '../../wire/redaction/prefilter.ts';
import type { Masking } from '../../wire/redaction/redact-text.ts';
import { clearNotedText, notedText, noteText } from '../records/fields.ts';
import { type Mask, maskRecord, withoutContent } from '../redaction/mask.ts';
import { redactJson } from '../redaction/redact.ts';
import type { Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { RecordSink } from '../span/record-sink.ts';

/** Limits of a group: UTF-16 units of its noted text, and records. */
const GROUP_UNITS = 8_192;
const GROUP_RECORDS = 256;

export interface SanitizerSettings {
  readonly maxBatchBytes: number;
  readonly masking: Masking;
  readonly mask: Mask | undefined;
}

export class Sanitizer {
  readonly #settings: SanitizerSettings;
  readonly #report: Report;
  readonly #warn: Warn;
  readonly #sink: RecordSink;
  readonly #tables: TableName[] = [];
  readonly #records: string[] = [];
  #units = 0;
  /** Number of records that {@link add} has taken. */
  taken = 0;

  constructor(settings: SanitizerSettings, report: Report, warn: Warn, sink: RecordSink) {
    this.#settings = settings;
    this.#report = report;
    this.#warn = warn;
    this.#sink = sink;
  }

  /** Adds a record to the group. It reaches the sink at the next {@link flush}. */
  readonly add: RecordSink = (table, json) => {
    this.#tables.push(table);
    this.#records.push(json);
    this.#units += json.length;
    this.taken += 1;
  };

  /** Sanitizes one record and passes it to another sink. */
  passOne(table: TableName, json: string, sink: RecordSink): void {
    this.flush();
    // The text that was noted when the record was written may have been cleared since.
    noteText(json);
    this.add(table, json);
    this.flush(sink);
  }

  /** Flushes the group when it has reached its limits. */
  flushIfFull(): void {
    const isFull =
      notedText.units >= GROUP_UNITS ||
      this.#records.length >= GROUP_RECORDS ||
      this.#units >= this.#settings.maxBatchBytes;
    if (isFull) this.flush();
  }

  /** Sanitizes all records of the group and passes them to the sink. */
  flush(sink = this.#sink): void {
    if (this.#records.length === 0) return;
    const records = this.#records.splice(0);
    const tables = this.#tables.splice(0);
    this.#units = 0;
    const { mask, masking } = this.#settings;
    const isOn = masking.secrets || masking.personal.length > 0;
    const needsRedaction = isOn && this.#mayHoldSecrets();
    // Cached fields count as scanned, so they are cleared unless they were scanned without a match.
    clearNotedText(needsRedaction || !isOn);
    for (let i = 0; i < records.length; i++) {
      const table = tables[i] as TableName;
      let json = records[i] as string;
      if (needsRedaction) json = this.#redact(table, json);
      if (mask) {
        const masked = maskRecord(table, json, mask, this.#onMaskFailure);
        json = isOn && masked !== json ? this.#redact(table, masked) : masked;
      }
      sink(table, json);
    }
  }

  #mayHoldSecrets(): boolean {
    try {
      const { text, long } = notedText;
      const isSuspect = (value: string) => mayHoldSecret(value, this.#settings.masking);
      return isSuspect(text) || long.some(isSuspect);
    } catch {
      return true;
    }
  }

  #redact(table: TableName, json: string): string {
    try {
      const { masking } = this.#settings;
      return mayHoldSecret(json, masking) ? redactJson(json, masking) : json;
    } catch {
      return withoutContent(table, json);
    }
  }

  readonly #onMaskFailure = (): void => {
    this.#report.counts.maskFailed += 1;
    this.#warn('mask', 'mask threw; the value was hidden and counted in status().maskFailed');
  };
}
