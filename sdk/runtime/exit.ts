/**
 * Delivers records when the process exits, also without a call of `flush`. The exit is delayed by
 * `exitTimeoutMillis` at most; records in the spool are sent by the next start.
 */
import { isolatesRequests } from '../platform/isolation.ts';
import { shared } from '../platform/shared.ts';
import { hasLosses, reportLosses } from '../report/losses.ts';
import { recordOpenRoots } from '../span/open-roots.ts';
import type { Runtime } from './runtime.ts';
import { runtimes } from './runtime.ts';

/** Removes the exit listeners of this process; undefined while there are none. */
const hooked = shared('exit', (): { undo: (() => void) | undefined } => ({ undo: undefined }));

/** Adds the listeners for the exit of the process that the present configurations need. */
export function updateExitHooks(): void {
  unhookExit();
  const configured = runtimes();
  if (configured.length === 0 && !hasLosses()) return;
  const handlesSignals = configured.some(({ settings }) => settings.handleSignals);
  const { process } = globalThis;
  // workerd's process has listeners and never exits.
  if (!process?.prependListener || isolatesRequests()) return;
  const hooks = {
    beforeExit: createBeforeExit(),
    exit: onExit,
    ...(handlesSignals ? { SIGTERM: onSignal, SIGINT: onSignal } : {}),
  };
  // Node's types have other signatures for the first two.
  const listeners = Object.entries(hooks) as [NodeJS.Signals, (signal: NodeJS.Signals) => void][];
  // Prepended, so that later listeners of a signal do not count this one any more.
  for (const listener of listeners) process.prependListener(...listener);
  hooked.undo = () => {
    for (const listener of listeners) process.off(...listener);
  };
}

/** Removes the exit listeners. */
function unhookExit(): void {
  hooked.undo?.();
  hooked.undo = undefined;
}

const deliver = (some: readonly Runtime[]): Promise<unknown> =>
  Promise.all(some.map(({ delivery, settings }) => delivery.flush(settings.exitTimeoutMillis)));

/** Handles `beforeExit`: the event loop of the host program is empty. */
function createBeforeExit(): () => void {
  let hasTimedOut = false;
  return () => {
    if (hasTimedOut) return;
    recordOpenRoots();
    const busy = runtimes().filter(({ delivery }) => delivery.pending > 0);
    if (busy.length === 0) return;
    void deliver(busy).then(() => {
      // Node emits `beforeExit` again after this; the exit must not be delayed twice.
      hasTimedOut = busy.some(({ delivery }) => delivery.pending > 0);
    });
  };
}

/** Handles `exit`: nothing can be sent any more, but records can be written to disk, and a line said. */
function onExit(): void {
  recordOpenRoots();
  for (const { delivery } of runtimes()) delivery.close();
  reportLosses();
}

/**
 * Handles a signal. Without other listeners, records are delivered and the signal is raised again; a
 * second signal ends the process at once, because this listener is removed.
 */
function onSignal(signal: NodeJS.Signals): void {
  process.off(signal, onSignal);
  const isOnlyListener = process.listenerCount(signal) === 0;
  if (isOnlyListener) recordOpenRoots();
  const delivered = deliver(runtimes());
  if (!isOnlyListener) return;
  void delivered.then(() => {
    onExit();
    process.kill(process.pid, signal);
  });
}
