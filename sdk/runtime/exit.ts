/**
 * The end of the process. A forgotten flush loses nothing while the server is up, and the end is held
 * no longer than `exitTimeoutMillis`; what is in the spool waits for the next start.
 */
import { shared } from '../platform/shared.ts';
import { recordOpenRoots } from '../span/open-roots.ts';
import type { Runtime } from './runtime.ts';
import { runtimes } from './runtime.ts';

const hooked = shared('exit', (): { undo: (() => void) | undefined } => ({ undo: undefined }));

/** Listens for the end of the process, until {@link unhookExit}; instead of, if it already does. */
export function hookExit(handlesSignals: boolean): void {
  unhookExit();
  const { process } = globalThis;
  if (!process?.prependListener) return;
  const hooks = {
    beforeExit: createBeforeExit(),
    exit: onExit,
    ...(handlesSignals ? { SIGTERM: onSignal, SIGINT: onSignal } : {}),
  };
  // Node's types know the first two by other signatures.
  const listeners = Object.entries(hooks) as [NodeJS.Signals, (signal: NodeJS.Signals) => void][];
  // First, so that whoever asks for the listeners of a signal does not find this one any more.
  for (const listener of listeners) process.prependListener(...listener);
  hooked.undo = () => {
    for (const listener of listeners) process.off(...listener);
  };
}

/** Stops listening, when nothing is left that could be lost. */
export function unhookExit(): void {
  hooked.undo?.();
  hooked.undo = undefined;
}

const deliver = (some: readonly Runtime[]): Promise<unknown> =>
  Promise.all(some.map(({ delivery, settings }) => delivery.flush(settings.exitTimeoutMillis)));

/** The host program has nothing left to do. */
function createBeforeExit(): () => void {
  let isGivenUp = false;
  return () => {
    if (isGivenUp) return;
    recordOpenRoots();
    const busy = runtimes().filter(({ delivery }) => delivery.pending > 0);
    if (busy.length === 0) return;
    void deliver(busy).then(() => {
      // Node asks again after this; holding it twice would break the promise.
      isGivenUp = busy.some(({ delivery }) => delivery.pending > 0);
    });
  };
}

/** Nothing can be sent any more; what can be written at once is written. */
function onExit(): void {
  recordOpenRoots();
  for (const { delivery } of runtimes()) delivery.close();
}

/**
 * A signal that would end the process. Where nobody else listens, what is held is delivered first and
 * the signal is raised again; a second one ends the process at once, because we listen no longer.
 */
function onSignal(signal: NodeJS.Signals): void {
  process.off(signal, onSignal);
  const isOurs = process.listenerCount(signal) === 0;
  if (isOurs) recordOpenRoots();
  const delivered = deliver(runtimes());
  if (!isOurs) return;
  void delivered.then(() => {
    onExit();
    process.kill(process.pid, signal);
  });
}
