/** The serverless invocation that a piece of code runs in, as far as `serverless` knows it. */
import type { WaitUntil } from '../config/init-options.ts';
import { type AsyncStorage, createAsyncStorage } from '../platform/async-storage.ts';
import { shared } from '../platform/shared.ts';

/** Made with the first invocation: other programs do not ask for it with each trace. */
const invocations = shared('invocations', (): { storage: AsyncStorage<WaitUntil> | undefined } => ({
  storage: undefined,
}));

/** Runs a function as an invocation that `waitUntil` keeps running. */
export function runInvocation<R>(waitUntil: WaitUntil, fn: () => R): R {
  invocations.storage ??= createAsyncStorage();
  return invocations.storage.run(waitUntil, fn);
}

/** Keeps the current invocation running; undefined when it is not known. */
export const invocationWaitUntil = (): WaitUntil | undefined => invocations.storage?.getStore();
