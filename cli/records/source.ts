/** Where a command reads: the SQLite file of mode `local`, or the tables in Postgres. */

import { findProject, openRest, type Project, READ_CURE, type Rest } from '../remote/rest.ts';
import { Failure, UsageError } from '../shell/command.ts';
import type { Options } from '../shell/option.ts';
import type { Output } from '../shell/output.ts';
import { FILE_OPTIONS, READ_OPTIONS, type Setting, type Settings } from '../shell/settings.ts';

export const SOURCE_OPTIONS = {
  from: {
    type: 'string',
    value: 'PLACE',
    help: 'local or cloud; default: cloud where SUPABASE_URL and a key are set',
  },
  ...FILE_OPTIONS,
  ...READ_OPTIONS,
} as const satisfies Options;

export type Source =
  | { readonly place: 'local'; readonly file: Setting }
  | { readonly place: 'cloud'; readonly rest: Rest; readonly project: Project };

/**
 * Decides, and says on standard error what was decided.
 *
 * @throws UsageError, or Failure when the tables cannot be read
 */
export async function findSource(
  values: { readonly from?: string; readonly file?: string },
  settings: Settings,
  out: Output,
): Promise<Source> {
  const { from } = values;
  if (from !== undefined && from !== 'local' && from !== 'cloud') {
    throw new UsageError("--from must be 'local' or 'cloud'");
  }
  const rest =
    from === 'local' || (from === undefined && values.file) ? undefined : openRest(settings);
  if (!rest) {
    if (from === 'cloud') throw new Failure('there is no way to read the tables', READ_CURE);
    out.remark(`reading ${settings.file.value} (${settings.file.from})`);
    return { place: 'local', file: settings.file };
  }
  const project = await findProject(rest, settings);
  const { supabaseUrl } = settings;
  out.remark(`reading project '${project.name}' at ${rest.url.origin} (${supabaseUrl?.from})`);
  return { place: 'cloud', rest, project };
}
