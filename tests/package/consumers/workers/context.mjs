/** A Worker with the compatibility flag `nodejs_als`, which makes AsyncLocalStorage a module only. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { init } from 'agensight';
import worker from './flush.mjs';

globalThis.AsyncLocalStorage = AsyncLocalStorage;
init({ enabled: false });

export default worker;
