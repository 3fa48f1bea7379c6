/**
 * Which traces are new or have grown since the last look. Nothing in the tables says when a row
 * changed, so each look goes from the newest trace down, until a whole page is as it was.
 */
import type { Cursor, TraceRow, TraceRows } from './trace-rows.ts';

const PAGE = 50;
/** A burst beyond this is cut; the newest are shown. */
const MAX_PAGES = 20;
const MAX_REMEMBERED = 5_000;

export class Follower {
  readonly #rows: TraceRows;
  /** What each trace looked like when it was last given. */
  readonly #known = new Map<string, { readonly shape: string; readonly startedAt: string }>();
  /** Traces that began before are not followed, unless they are known. */
  #floor = '';

  constructor(rows: TraceRows) {
    this.#rows = rows;
  }

  /** The newest traces, the oldest of them first. */
  async begin(count: number): Promise<TraceRow[]> {
    const page = await this.#rows.newest(Math.max(count, PAGE));
    this.#rows.isChanged();
    for (const trace of page) this.#remember(trace);
    if (page.length >= PAGE) this.#floor = page.at(-1)?.started_at ?? '';
    return page.slice(0, count).reverse();
  }

  /** Those that are new or have changed since, the oldest first. */
  async next(): Promise<TraceRow[]> {
    const changed: TraceRow[] = [];
    let below: Cursor | undefined;
    for (let i = 0; i < MAX_PAGES; i++) {
      const page = await this.#rows.newest(PAGE, below);
      const fresh = page.filter((trace) => this.#isNews(trace));
      changed.push(...fresh);
      const last = page.at(-1);
      if (fresh.length === 0 || page.length < PAGE || !last?.started_at) break;
      below = { startedAt: last.started_at, id: last.id };
    }
    for (const trace of changed) this.#remember(trace);
    return changed.reverse();
  }

  #isNews(trace: TraceRow): boolean {
    const known = this.#known.get(trace.id);
    if (known === undefined) return trace.started_at === null || trace.started_at >= this.#floor;
    return known.shape !== shapeOf(trace);
  }

  #remember(trace: TraceRow): void {
    this.#known.delete(trace.id);
    this.#known.set(trace.id, { shape: shapeOf(trace), startedAt: trace.started_at ?? '' });
    if (this.#known.size <= MAX_REMEMBERED) return;
    const [forgotten] = this.#known;
    if (!forgotten) return;
    const [id, { startedAt }] = forgotten;
    this.#known.delete(id);
    // What is forgotten would be news again.
    if (startedAt >= this.#floor) this.#floor = `${startedAt}+`;
  }
}

/** While its root is missing, a trace is told once and not at each span. */
const shapeOf = (trace: TraceRow): string =>
  trace.name === null ? 'running' : JSON.stringify(trace);
