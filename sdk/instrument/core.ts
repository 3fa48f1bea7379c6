/** What the instrumentation of providers needs of the core, handed over in one piece. */
import { traced } from '../call/call.ts';
import { Definition } from '../call/definition.ts';
import { state } from '../state.ts';
import type { Core } from './model-call.ts';

export const core: Core = { state, traced, define: (options) => new Definition(options, 'chat') };
