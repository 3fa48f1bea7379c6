/**
 * The timers of the runtime, as they were when this module was loaded. Tests put fake timers in their
 * place, and would count ours, or wait for ours without end.
 */
export const setTimer: typeof setTimeout = setTimeout;
export const clearTimer: typeof clearTimeout = clearTimeout;

/** Node's queue of the present turn. */
export const nextTick: typeof process.nextTick | undefined = globalThis.process?.nextTick;

export type Timer = ReturnType<typeof setTimeout>;
