/** The source that a command reads: the SQLite file of mode `local`, or the tables in Postgres. */
import { findProject, type Project } from '../remote/projects.ts';
import { openRest, READ_HINT, type Rest } from '../remote/rest.ts';
import { CliError, UsageError } from '../shell/errors.ts';
import type { Options } from '../shell/option.ts';
import type { Output } from '../shell/output.ts';
import { FILE_OPTIONS, READ_OPTIONS, type Setting, type Settings } from '../shell/settings.ts';

export const SOURCE_OPTIONS = {
  from: {
    type: 'string',
    value: 'PLACE',
    help: 'local or cloud; default: cloud if SUPABASE_URL and a key are set',
  },
  ...FILE_OPTIONS,
  ...READ_OPTIONS,
} as const satisfies Options;

export type Source =
  | { readonly place: 'local'; readonly file: Setting }
  | { readonly place: 'cloud'; readonly rest: Rest; readonly project: Project };

/**
 * Chooses the source and reports it on standard error.
 *
 * @throws UsageError, or CliError when the tables cannot be read
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
    if (from === 'cloud') {
      const message = 'reading the tables needs a Supabase URL and a key';
      throw new CliError(message, { code: 'AGENSIGHT_CLI_SETTING_MISSING', hint: READ_HINT });
    }
    out.remark(`reading ${settings.file.value} (${settings.file.from})`);
    return { place: 'local', file: settings.file };
  }
  const project = await findProject(rest, settings);
  const { supabaseUrl } = settings;
  out.remark(`reading project '${project.name}' at ${rest.url.origin} (${supabaseUrl?.from})`);
  return { place: 'cloud', rest, project };
}
