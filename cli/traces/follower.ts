/**
 * Finds the traces that are new or have changed since the last poll. Rows have no time of change, so
 * each poll reads from the newest trace downwards until a whole page is unchanged.
 */
import type { Cursor, TraceRow, TraceRows } from './trace-rows.ts';

const PAGE = 50;
/** Maximum pages per poll; older traces of a larger burst are skipped. */
const MAX_PAGES = 20;
const MAX_REMEMBERED = 5_000;

export class Follower {
  readonly #rows: TraceRows;
  /** The shape of each trace when it was last returned. */
  readonly #known = new Map<string, { readonly shape: string; readonly startedAt: string }>();
  /** Unknown traces that started before this time are ignored. */
  #floor = '';

  constructor(rows: TraceRows) {
    this.#rows = rows;
  }

  /** The newest traces, in order of their start. */
  async begin(count: number): Promise<TraceRow[]> {
    const page = await this.#rows.newest(Math.max(count, PAGE));
    this.#rows.isChanged();
    for (const trace of page) this.#remember(trace);
    if (page.length >= PAGE) this.#floor = page.at(-1)?.started_at ?? '';
    return page.slice(0, count).reverse();
  }

  /** The traces that are new or have changed, in order of their start. */
  async next(): Promise<TraceRow[]> {
    const changed: TraceRow[] = [];
    let below: Cursor | undefined;
    for (let i = 0; i < MAX_PAGES; i++) {
      const page = await this.#rows.newest(PAGE, below);
      const fresh = page.filter((trace) => this.#isChanged(trace));
      changed.push(...fresh);
      const last = page.at(-1);
      if (fresh.length === 0 || page.length < PAGE || !last?.started_at) break;
      below = { startedAt: last.started_at, id: last.id };
    }
    for (const trace of changed) this.#remember(trace);
    return changed.reverse();
  }

  #isChanged(trace: TraceRow): boolean {
    const known = this.#known.get(trace.id);
    if (known === undefined) return trace.started_at === null || trace.started_at >= this.#floor;
    return known.shape !== shapeOf(trace);
  }

  #remember(trace: TraceRow): void {
    this.#known.delete(trace.id);
    this.#known.set(trace.id, { shape: shapeOf(trace), startedAt: trace.started_at ?? '' });
    if (this.#known.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#known;
    if (!oldest) return;
    const [id, { startedAt }] = oldest;
    this.#known.delete(id);
    // Otherwise the next poll would report the evicted trace as new.
    if (startedAt >= this.#floor) this.#floor = `${startedAt}+`;
  }
}

/** A trace without a root is reported once, not at each new span. */
const shapeOf = (trace: TraceRow): string => (trace.is_running ? 'running' : JSON.stringify(trace));
