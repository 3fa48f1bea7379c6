/** The TypeScript files of the repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folders of packages that are installed. */
const INSTALLED = ['node_modules', '.venv'];

/** The files of a folder and its subfolders, as paths from the root of the repository. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return INSTALLED.includes(entry.name) ? [] : filesIn(path);
    return [path];
  });
}

/** The TypeScript files among {@link filesIn}. */
export const sourcesIn = (folder: string): string[] =>
  filesIn(folder).filter((file) => file.endsWith('.ts'));

/** The text of a file, by its path from the root of the repository. */
export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
