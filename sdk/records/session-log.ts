/** When the record of a session is due. */
import type { SessionInfo } from '../config/session.ts';
import { timeFields } from '../platform/clock.ts';
import { quoteLabel } from '../serialize/snapshot.ts';
import { CLOSE, json, label } from './fields.ts';

interface Activity {
  facts: SessionInfo;
  startedAt: number;
  endedAt: number;
}

/**
 * Sessions with activity that is not on its way yet. Each is sent once per batch, however many of
 * its traces ended; afterwards nothing of it is kept, because the database keeps the least start and
 * the greatest end by itself.
 */
export class SessionLog {
  readonly #due = new Map<string, Activity>();

  get size(): number {
    return this.#due.size;
  }

  /** Notes a trace of this session; returns whether a record became due that was not. */
  touch(facts: SessionInfo, startedAt: number, endedAt: number): boolean {
    const known = this.#due.get(facts.id);
    if (!known) {
      this.#due.set(facts.id, { facts, startedAt, endedAt });
      return true;
    }
    if (startedAt < known.startedAt) known.startedAt = startedAt;
    if (endedAt > known.endedAt) known.endedAt = endedAt;
    if (known.facts !== facts) known.facts = newer(known.facts, facts);
    return false;
  }

  /** The records that are due, as JSON text, which are then due no longer. */
  take(mode: string | null): string[] {
    const records = [...this.#due.values()].map(({ facts, startedAt, endedAt }) =>
      sessionJson(facts, mode, startedAt, endedAt),
    );
    this.#due.clear();
    return records;
  }
}

/** The record of a session with activity from one moment to another, as JSON text. */
export const sessionJson = (
  facts: SessionInfo,
  mode: string | null,
  startedAt: number,
  endedAt: number,
): string =>
  `{"id":${quoteLabel(facts.id)}` +
  label('name', facts.name) +
  label('user_id', facts.userId) +
  json('metadata', facts.metadata) +
  label('mode', mode) +
  timeFields(startedAt, endedAt) +
  CLOSE;

/** What the later one does not say stays as the earlier one said it. */
const newer = (earlier: SessionInfo, later: SessionInfo): SessionInfo => ({
  id: later.id,
  name: later.name ?? earlier.name,
  userId: later.userId ?? earlier.userId,
  metadata: later.metadata ?? earlier.metadata,
});
