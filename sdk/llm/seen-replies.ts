import { shared } from '../platform/shared.ts';

/** Results that were read as an answer of a model, so that no call counts twice. */
export const seenReplies: WeakSet<object> = shared('replies', () => new WeakSet());
