/** Records of a configuration that are lost when the process ends: where they should have gone. */
import type { Settings } from '../config/options.ts';
import type { Report } from '../report/counts.ts';
import { type Loss, printable } from '../report/losses.ts';

type Target = Pick<Settings, 'mode' | 'endpoint' | 'localFile' | 'spool' | 'token'>;
type Known = Pick<Report, 'lastFailure' | 'spoolFault'>;

export const lossOf = (
  target: Target,
  records: number,
  { lastFailure: reason, spoolFault }: Known,
): Loss =>
  target.mode === 'local'
    ? { records, reason, goal: `written to ${target.localFile}`, cure: LOCAL_CURE }
    : {
        records,
        reason,
        goal: `delivered to ${addressOf(target.endpoint)}`,
        cure: target.spool === '' ? CURE : spoolCure(spoolFault, target.token),
      };

const CURE =
  'They are lost: await flush() before the program ends, and check that the endpoint can be reached; ' +
  'with `spool: true` they are kept on disk for the next start.';
const spoolCure = (fault = 'the spool was not ready', token: string): string =>
  `They are lost: ${printable(fault, token)}.`;
const LOCAL_CURE = 'They are lost: another process holds the file, or it cannot be written.';

/** The endpoint without credentials and query. */
function addressOf(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname.replace(/\/+$/, '');
}
