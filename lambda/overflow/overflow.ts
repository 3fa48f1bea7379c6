/** The overflow of the ingest function, loaded when it is first used. */
import type { OverflowConfig } from '../runtime/config.ts';
import type { Overflow } from './object.ts';

/** Most instances never need the AWS clients, which take longer to load than everything else. */
export function createOverflow(config: OverflowConfig): Overflow {
  let loaded: Promise<Overflow> | null = null;
  return {
    keep: async (object) => {
      try {
        loaded ??= import('./overflow-aws.ts').then((aws) => aws.createAwsOverflow(config));
        return await (await loaded).keep(object);
      } catch (error) {
        loaded = null;
        return {
          status: 'failed',
          reason: `the overflow cannot be loaded: ${error instanceof Error ? error.name : 'unknown'}`,
        };
      }
    },
  };
}
