/**
 * `npm run supabase -- <args>`: runs the official CLI with the migrations of this checkout.
 *
 * The CLI reads `supabase/migrations` and has no setting for another folder. A symbolic link there is a
 * plain file on Windows, so it is a copy, which git ignores; `npm ci` creates it as well.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

rmSync(path('supabase/migrations'), { recursive: true, force: true });
cpSync(path('migrations'), path('supabase/migrations'), { recursive: true });

const args = process.argv.slice(2);
if (args.length > 0) {
  const { status } = spawnSync('supabase', args, {
    cwd: path('.'),
    stdio: 'inherit',
    // npm puts its own binaries on the PATH as shell scripts on Windows.
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
}
