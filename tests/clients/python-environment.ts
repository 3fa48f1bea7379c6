/** A virtual environment for a client in Python, made where its packages are missing or others. */
import { execFile } from 'node:child_process';
import { cp, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exclusively } from '../support/exclusively.ts';

const run = promisify(execFile);

/**
 * Installs the requirements of a folder, each exactly as it is listed and nothing else. It needs Python
 * 3.10 or newer with `venv`, and PyPI.
 *
 * @returns the path of its interpreter
 */
export async function installPython(folder: URL): Promise<string> {
  const environment = new URL('.venv/', folder);
  const python = fileURLToPath(new URL('bin/python', environment));
  await exclusively(new URL('installing.lock', folder), async () => {
    const requirements = new URL('requirements.txt', folder);
    const installed = new URL('.installed.txt', environment);
    const wanted = await readFile(requirements, 'utf8');
    if ((await readFile(installed, 'utf8').catch(() => '')) === wanted) return;
    await rm(environment, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', fileURLToPath(environment)]);
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
    const list = ['--no-deps', '--requirement', fileURLToPath(requirements)];
    await run(python, ['-m', 'pip', 'install', ...quiet, ...list]);
    // Written last, so that a broken installation is not taken for a good one.
    await cp(requirements, installed);
  });
  return python;
}
