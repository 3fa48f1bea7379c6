/** The runtimes that may still hold records: the current one, and those that it replaced. */

import { state } from '../state.ts';
import type { Runtime } from './runtime.ts';

export const runtimes = (): Runtime[] => [
  ...(state.runtime ? [state.runtime] : []),
  ...state.retired,
];
