/** When batches leave, how many at a time, and what becomes of each. */
import type { SdkReport } from '../wire/records.ts';
import { type Batch, halve } from './batch.ts';
import { drop, reject } from './counts.ts';
import type { LiveSpan } from './live-span.ts';
import type { Settings, WaitUntil } from './options.ts';
import { unref } from './platform.ts';
import { Queue } from './queue.ts';
import { countRecords } from './records.ts';
import { createSpool } from './spool.ts';
import { state } from './state.ts';
import { SDK_NAME, VERSION } from './version.ts';
import type { Warn } from './warnings.ts';

/** What became of one attempt to deliver a batch. */
export type Outcome =
  | { readonly status: 'sent'; readonly rejected: number; readonly reason?: string }
  /** `afterMillis`: how long the server asked us to wait. */
  | { readonly status: 'retry'; readonly afterMillis: number | undefined; readonly reason: string }
  | { readonly status: 'refused'; readonly reason: string }
  /** Too large for the server: to be tried again in two halves. */
  | { readonly status: 'split' };

/** Tries to deliver a batch once; never rejects. */
export type Deliver = (batch: Batch, signal: AbortSignal) => Promise<Outcome>;

const FIRST_BACKOFF_MILLIS = 250;
const MAX_BACKOFF_MILLIS = 30_000;
const MAX_RETRY_AFTER_MILLIS = 300_000;

interface Waiter {
  readonly targets: Set<Batch>;
  readonly done: () => void;
}

export class Delivery {
  readonly #settings: Settings;
  readonly #deliver: Deliver;
  readonly #warn: Warn;
  readonly #queue: Queue;
  readonly #abort = new AbortController();
  readonly #waiters = new Set<Waiter>();
  /** Wakes batches that wait for their next attempt. */
  readonly #sleepers = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isHurried = false;
  /** Whether a delivery was announced to the platform that has not begun. */
  #isAwake = false;
  #inFlight = 0;
  /** Stopped for good: what still comes is dropped. */
  isStopped = false;
  /** Called when nothing is held any more. */
  #onIdle: (() => void) | undefined;

  constructor(settings: Settings, deliver: Deliver, warn: Warn) {
    this.#settings = settings;
    this.#deliver = deliver;
    this.#warn = warn;
    const { name, release, userId, mode } = settings;
    const context = { serviceName: name, release, userId, mode: mode === 'local' ? null : mode };
    const spool = mode === 'local' ? undefined : createSpool(settings, warn);
    this.#queue = new Queue(settings, context, report, warn, spool);
    if (this.pending > 0) this.#schedule(0);
  }

  /** Records that are held. */
  get pending(): number {
    return this.#queue.records;
  }

  /** Takes an ended span; it leaves soon, and never in the caller's own turn. */
  take(span: LiveSpan): void {
    const records = this.isStopped ? -countRecords(span) : this.#queue.add(span);
    state.counts.created += Math.abs(records);
    if (records < 0) drop(this.isStopped ? 'stopped' : 'queue-full', -records);
    if (this.isStopped) return;
    if (records < 0) {
      this.#warn('queue-full', 'the queue is full (maxQueueBytes); new records are dropped');
    }
    if (this.#settings.waitUntil && span.isRoot) this.#keepAwake(this.#settings.waitUntil);
    if (!this.#timer) this.#schedule(this.#settings.flushIntervalMillis);
    else if (!this.#isHurried && this.#queue.isReady) {
      this.#isHurried = true;
      this.#schedule(0);
    }
  }

  /** Delivers what is held now, and resolves when that is settled or the time is up. */
  flush(timeoutMillis: number): Promise<void> {
    this.#queue.seal(false);
    if (this.#queue.held.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(deadline);
        this.#waiters.delete(waiter);
        resolve();
      };
      // This timer holds the process, unlike all others: somebody waits for us.
      const deadline = setTimeout(done, timeoutMillis);
      const waiter: Waiter = { targets: new Set(this.#queue.held), done };
      this.#waiters.add(waiter);
      for (const wake of [...this.#sleepers]) wake();
      this.#pump(true);
    });
  }

  /** Stops at once; what is still held counts as dropped. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.#timer);
    const { records, spooled } = this.#queue.clear();
    const lost = records - spooled;
    state.counts.spooled += spooled;
    drop('stopped', lost);
    if (lost > 0) this.#warn('stopped', `shut down with ${lost} records not delivered`);
    this.#abort.abort();
    for (const wake of [...this.#sleepers]) wake();
    for (const waiter of [...this.#waiters]) waiter.done();
  }

  /** The process ends now: nothing can be sent any more, but what is written to disk stays. */
  close(): void {
    if (this.#settings.mode === 'local') {
      // A file is written before the call returns.
      for (let batch = this.#queue.next(); batch; batch = this.#queue.next()) {
        void this.#deliver(batch, this.#abort.signal);
      }
    }
    this.#queue.close();
  }

  /** Goes on delivering in the background until nothing is held. */
  retire(onIdle: () => void): void {
    this.#onIdle = onIdle;
    if (this.#queue.records === 0) onIdle();
    else this.#schedule(0);
  }

  /** Asks the platform to stay awake for one delivery; what comes meanwhile asks again. */
  #keepAwake(waitUntil: WaitUntil): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    const delivered = Promise.resolve().then(() => {
      this.#isAwake = false;
      return this.flush(this.#settings.requestTimeoutMillis);
    });
    try {
      waitUntil(delivered);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#warn('wait-until', `waitUntil failed, delivery goes by the timer: ${reason}`);
    }
  }

  #schedule(delayMillis: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isHurried = false;
      this.#pump(true);
    }, delayMillis);
    unref(this.#timer);
  }

  #pump(takesAll: boolean): void {
    while (this.#inFlight < this.#settings.maxConcurrentRequests) {
      const batch = takesAll || this.#queue.isReady ? this.#queue.next() : undefined;
      if (!batch) break;
      this.#inFlight += 1;
      void this.#carry(batch).then(() => {
        this.#inFlight -= 1;
        this.#pump(this.#waiters.size > 0);
        if (this.#queue.records === 0) this.#onIdle?.();
      });
    }
    if (this.#queue.unwritable > 0) {
      drop('unreadable', this.#queue.unwritable);
      this.#queue.unwritable = 0;
    }
  }

  /** Brings one batch to its end, however many attempts that takes. */
  async #carry(batch: Batch): Promise<void> {
    const { counts } = state;
    for (let attempt = 0; this.#queue.held.has(batch); attempt++) {
      this.#queue.beat();
      const outcome = await this.#deliver(batch, this.#abort.signal);
      if (!this.#queue.held.has(batch)) return;
      switch (outcome.status) {
        case 'sent':
          counts.sent += batch.records - outcome.rejected;
          if (outcome.rejected > 0) {
            reject(outcome.reason ?? 'rejected', outcome.rejected);
            this.#warn('rejected', `records were rejected: ${outcome.reason ?? 'no reason given'}`);
          }
          return this.#settle(batch, []);
        case 'refused':
          reject(outcome.reason, batch.records);
          this.#warn('refused', `a batch was refused: ${outcome.reason}`);
          return this.#settle(batch, []);
        case 'split': {
          const halves = halve(batch, report());
          if (halves.length === 0) {
            reject('413', batch.records);
            this.#warn('too-large', 'a record is too large for the server (413)');
          }
          return this.#settle(batch, halves);
        }
        case 'retry':
          this.#warn('retry', `delivery failed and is tried again: ${outcome.reason}`);
          await this.#sleep(outcome.afterMillis, attempt);
      }
    }
  }

  #settle(batch: Batch, successors: readonly Batch[]): void {
    this.#queue.putBack(successors);
    this.#queue.settle(batch);
    for (const waiter of [...this.#waiters]) {
      if (!waiter.targets.delete(batch)) continue;
      for (const successor of successors) waiter.targets.add(successor);
      if (waiter.targets.size === 0) waiter.done();
    }
  }

  #sleep(afterMillis: number | undefined, attempt: number): Promise<void> {
    const backoff = Math.min(FIRST_BACKOFF_MILLIS * 2 ** attempt, MAX_BACKOFF_MILLIS);
    // Jitter, so that processes which failed together do not come back together.
    const delay =
      afterMillis === undefined
        ? backoff * (0.5 + Math.random() / 2)
        : Math.min(afterMillis, MAX_RETRY_AFTER_MILLIS);
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, delay);
      unref(timer);
      // A flush may cut our own backoff short, but not the pause that the server asked for.
      if (afterMillis === undefined || this.#abort.signal.aborted) this.#sleepers.add(wake);
    });
  }
}

function report(): SdkReport {
  const { counts, processId } = state;
  return {
    name: SDK_NAME,
    version: VERSION,
    process_id: processId,
    created: counts.created,
    sent: counts.sent,
    dropped: counts.dropped + counts.rejected,
  };
}
