/** What the table of rooms means: for the linter, for a single import, and for a reader. */
import { posix } from 'node:path';
import { ROOMS } from './rooms.ts';

/** The room that a source file belongs to; undefined outside all rooms. */
export const roomOf = (file: string): string | undefined =>
  Object.hasOwn(ROOMS, posix.dirname(file)) ? posix.dirname(file) : undefined;

/**
 * Whether a file may import a module.
 *
 * @param file path from the root of the repository: `sdk/span/context.ts`
 * @param specifier as written in the import: `../platform/ids.ts`, `node:fs`
 */
export function mayImport(file: string, specifier: string): boolean {
  const name = posix.dirname(file);
  const room = ROOMS[name];
  if (!room) return true;
  if (!specifier.startsWith('.')) return isListed(specifier, room.libraries ?? []);
  const folder = posix.dirname(posix.join(name, specifier));
  if (folder === name || room.imports.includes(folder)) return true;
  return room.isRoot === true && folder.startsWith(`${name}/`);
}

const isListed = (specifier: string, libraries: readonly string[]): boolean =>
  libraries.some((library) =>
    library.endsWith('*') ? specifier.startsWith(library.slice(0, -1)) : specifier === library,
  );

/** What the linter reports for an import that the table does not allow. */
export function messageOf(name: string): string {
  const { imports = [], libraries = [] } = ROOMS[name] ?? {};
  const allowed = [...imports, ...libraries];
  const list = allowed.length > 0 ? allowed.join(', ') : 'nothing outside its folder';
  return `${name} may import ${list} (tests/house/rooms.ts).`;
}

/** The imports that the files of a room may have, in the linter's patterns. */
function allowedPatterns(name: string): string[] {
  const { imports = [], libraries = [], isRoot } = ROOMS[name] ?? {};
  return [
    isRoot ? './**' : './*.ts',
    ...imports.map((target) => `${posix.relative(name, target)}/*.ts`),
    ...libraries.flatMap((library) =>
      library.endsWith('*') ? [library, `${library}/**`] : [library],
    ),
  ];
}

/** The content of `biome.walls.json`, which `biome.json` extends. */
export function wallsConfiguration(): object {
  const overrides = Object.keys(ROOMS).map((name) => {
    const group = ['**', ...allowedPatterns(name).map((pattern) => `!${pattern}`)];
    const options = { patterns: [{ group, message: messageOf(name) }] };
    return {
      includes: [`${name}/*.ts`],
      linter: { rules: { style: { noRestrictedImports: { level: 'error', options } } } },
    };
  });
  return { root: false, overrides };
}

/** The rooms as a Markdown table. */
export function roomsTable(): string {
  const rows = Object.entries(ROOMS).map(([name, { idea, imports, libraries = [] }]) => {
    const siblings = imports.map((target) =>
      posix.dirname(target) === posix.dirname(name) ? posix.basename(target) : target,
    );
    const cells = [...siblings, ...libraries.filter((library) => library !== 'node:*')];
    return [`\`${name}\``, idea, cells.length > 0 ? cells.join(', ') : '–'];
  });
  const heads = ['room', 'its one idea', 'may import'];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join(
    '\n',
  );
}

const BEGIN = '<!-- rooms: written by npm run walls -->';
const END = '<!-- /rooms -->';

/**
 * ARCHITECTURE.md with the table of rooms as it is now.
 *
 * @throws Error when the document has no place marked for it
 */
export function withRooms(document: string): string {
  const [before, rest] = document.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) {
    throw new Error(`ARCHITECTURE.md has no lines "${BEGIN}" and "${END}".`);
  }
  return `${before}${BEGIN}\n\n${roomsTable()}\n\n${END}${after}`;
}
