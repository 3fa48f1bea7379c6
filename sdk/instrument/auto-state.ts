import { shared } from '../platform/shared.ts';

export const autoInstrumentation = shared(
  'auto',
  (): {
    /** Somebody wraps clients by hand. */
    isInstrumenting: boolean;
    /** Takes back what `autoInstrument` did. */
    stop: (() => void) | undefined;
  } => ({ isInstrumenting: false, stop: undefined }),
);
