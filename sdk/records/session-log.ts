/** Sessions whose records are due. */
import type { SessionInfo } from '../config/session.ts';
import { timeFields } from '../platform/clock.ts';
import { quoteLabel } from '../serialize/snapshot.ts';
import { CLOSE, json, label } from './fields.ts';

interface Activity {
  info: SessionInfo;
  startedAt: number;
  endedAt: number;
}

/**
 * Sessions with activity that was not sent yet. A session is sent once per batch, however many of its
 * traces ended. Then it is forgotten, because the database keeps the earliest start and the latest end.
 */
export class SessionLog {
  readonly #due = new Map<string, Activity>();

  get size(): number {
    return this.#due.size;
  }

  /** Adds a trace of a session. Returns whether a record of the session became due. */
  touch(info: SessionInfo, startedAt: number, endedAt: number): boolean {
    const known = this.#due.get(info.id);
    if (!known) {
      this.#due.set(info.id, { info, startedAt, endedAt });
      return true;
    }
    if (startedAt < known.startedAt) known.startedAt = startedAt;
    if (endedAt > known.endedAt) known.endedAt = endedAt;
    if (known.info !== info) known.info = newer(known.info, info);
    return false;
  }

  /** Removes and returns the due records, as JSON text. */
  take(mode: string | null): string[] {
    const records = [...this.#due.values()].map(({ info, startedAt, endedAt }) =>
      sessionJson(info, mode, startedAt, endedAt),
    );
    this.#due.clear();
    return records;
  }
}

/** The record of a session as JSON text. */
export const sessionJson = (
  info: SessionInfo,
  mode: string | null,
  startedAt: number,
  endedAt: number,
): string =>
  `{"id":${quoteLabel(info.id)}` +
  label('name', info.name) +
  label('user_id', info.userId) +
  json('metadata', info.metadata) +
  label('mode', mode) +
  timeFields(startedAt, endedAt) +
  CLOSE;

/** Fields that the later session leaves out keep their earlier values. */
const newer = (earlier: SessionInfo, later: SessionInfo): SessionInfo => ({
  id: later.id,
  name: later.name ?? earlier.name,
  userId: later.userId ?? earlier.userId,
  metadata: later.metadata ?? earlier.metadata,
});
