/** The runtimes that may still hold records: the current one, and those that it replaced. */
import type { Runtime } from './runtime.ts';
import { state } from './state.ts';

export const runtimes = (): Runtime[] => [
  ...(state.runtime ? [state.runtime] : []),
  ...state.retired,
];
