/**
 * The one point that every record passes on its way out, be it to the network, to SQLite or to the
 * spool: secrets are taken out here, and the program's mask has its say.
 *
 * To look at each record by itself would cost more than the look. So records wait for each other, a
 * few kilobytes of them, and `fields.ts` notes what in them came from the program; when nothing of all
 * that is suspicious, they pass as they are.
 */
import type { TableName } from '../../wire/records.ts';
import { forgetWritten, note, written } from '../records/fields.ts';
import { type Mask, maskRecord, withoutContent } from '../redaction/mask.ts';
import { mayHoldSecret } from '../redaction/prefilter.ts';
import { redactJson } from '../redaction/redact.ts';
import { counts } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { RecordSink } from '../span/record-sink.ts';

const GROUP_UNITS = 8_192;
const GROUP_RECORDS = 256;

export interface SanitizerSettings {
  readonly maxBatchBytes: number;
  readonly maskSecrets: boolean;
  readonly mask: Mask | undefined;
}

export class Sanitizer {
  readonly #settings: SanitizerSettings;
  readonly #warn: Warn;
  readonly #sink: RecordSink;
  readonly #tables: TableName[] = [];
  readonly #records: string[] = [];
  #units = 0;

  constructor(settings: SanitizerSettings, warn: Warn, sink: RecordSink) {
    this.#settings = settings;
    this.#warn = warn;
    this.#sink = sink;
  }

  /** Takes a record, which passes on at the next {@link flush} at the latest. */
  readonly add: RecordSink = (table, json) => {
    this.#tables.push(table);
    this.#records.push(json);
    this.#units += json.length;
  };

  /** Lets one record pass at once, by another way. */
  one(table: TableName, json: string, sink: RecordSink): void {
    this.flush();
    // It was written with others, and what was noted of it may be forgotten.
    note(json);
    this.add(table, json);
    this.flush(sink);
  }

  /** Lets pass what waits, when it is enough to be worth the look. */
  offer(): void {
    const isEnough =
      written.units >= GROUP_UNITS ||
      this.#records.length >= GROUP_RECORDS ||
      this.#units >= this.#settings.maxBatchBytes;
    if (isEnough) this.flush();
  }

  /** Lets pass all that waits. */
  flush(sink = this.#sink): void {
    if (this.#records.length === 0) return;
    const records = this.#records.splice(0);
    const tables = this.#tables.splice(0);
    this.#units = 0;
    const { maskSecrets, mask } = this.#settings;
    const isGuarded = maskSecrets && this.#isSuspect();
    // What is known as clean must not have been written by somebody who did not look.
    forgetWritten(isGuarded || !maskSecrets);
    for (let i = 0; i < records.length; i++) {
      const table = tables[i] as TableName;
      let json = records[i] as string;
      if (isGuarded) json = this.#redact(json);
      if (mask) {
        const masked = maskRecord(table, json, mask, this.#failed);
        json = maskSecrets && masked !== json ? this.#redact(masked) : masked;
      }
      sink(table, json);
    }
  }

  #isSuspect(): boolean {
    try {
      return mayHoldSecret(written.text) || written.long.some(mayHoldSecret);
    } catch {
      return true;
    }
  }

  #redact(json: string): string {
    try {
      return mayHoldSecret(json) ? redactJson(json) : json;
    } catch {
      return withoutContent(json);
    }
  }

  readonly #failed = (): void => {
    counts.maskFailed += 1;
    this.#warn(
      'mask',
      'mask threw; the value is replaced by a mark, and status().maskFailed counts',
    );
  };
}
