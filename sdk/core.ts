/** What the instrumentation of providers needs of the core, handed over in one piece. */
import { traced } from './call.ts';
import { Definition } from './definition.ts';
import type { Core } from './model-call.ts';
import { state } from './state.ts';

export const core: Core = { state, traced, define: (options) => new Definition(options, 'chat') };
