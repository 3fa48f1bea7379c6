/** The overflow in AWS, loaded when it is first used. */
import type { OverflowConfig } from '../runtime/config.ts';
import { nameOf, type Overflow } from './overflow.ts';

/** Most instances never need its clients, which take longer to load than all the rest together. */
export function createOverflow(config: OverflowConfig): Overflow {
  let loaded: Promise<Overflow> | null = null;
  return {
    keep: async (object) => {
      try {
        loaded ??= import('./overflow-aws.ts').then((aws) => aws.createAwsOverflow(config));
        return await (await loaded).keep(object);
      } catch (error) {
        loaded = null;
        return { status: 'failed', reason: `the overflow cannot be loaded: ${nameOf(error)}` };
      }
    },
  };
}
