import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { importsOf } from './imports.ts';
import { type Finding, lint } from './linter.ts';
import { ROOMS } from './rooms.ts';
import { mayImport, messageOf, roomOf, wallsConfiguration, withRooms } from './walls.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WALL = 'lint/style/noRestrictedImports';

const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const SOURCES = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'],
  {
    cwd: ROOT,
    encoding: 'utf8',
  },
).split('\n');

/** Source files of the folders that consist of rooms. */
const HALLS = ['wire', 'sdk', 'lambda', 'cli', 'infra'];
const HOUSED = SOURCES.filter((file) => HALLS.includes(file.split('/')[0] ?? ''));

describe('the table of rooms', () => {
  it('is what the linter is configured with; npm run walls writes it', () => {
    expect(JSON.parse(text('biome.walls.json'))).toEqual(wallsConfiguration());
  });

  it('is what ARCHITECTURE.md shows; npm run walls writes it', () => {
    expect(text('ARCHITECTURE.md')).toBe(withRooms(text('ARCHITECTURE.md')));
  });

  it('has each folder of source files, and no folder that is not there', () => {
    const folders = new Set(HOUSED.map((file) => dirname(file)));
    expect([...folders].sort()).toEqual(Object.keys(ROOMS).sort());
  });

  it('lets no two rooms import each other, over any number of rooms', () => {
    for (const name of Object.keys(ROOMS)) {
      const above = new Set<string>();
      const visit = (room: string): void => {
        for (const next of ROOMS[room]?.imports ?? []) {
          if (above.has(next)) continue;
          above.add(next);
          visit(next);
        }
      };
      visit(name);
      expect(above, name).not.toContain(name);
    }
  });
});

describe('the imports as they are', () => {
  const imports = HOUSED.flatMap((file) =>
    importsOf(text(file)).map((specifier) => ({ file, specifier })),
  );

  it('are found', () => {
    expect(imports.length).toBeGreaterThan(HOUSED.length);
    expect(imports).toContainEqual({
      file: 'lambda/store/store.ts',
      specifier: '@supabase/supabase-js',
    });
    expect(importsOf(IMPORT_FORMS)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  });

  it('keep to the table, imports of types and paths with detours included', () => {
    const refused = imports.filter(({ file, specifier }) => !mayImport(file, specifier));
    expect(refused).toEqual([]);
  });
});

const IMPORT_FORMS = `
import 'a'; import type { B } from 'b'; import {
  type C,
} from "c";
export { d } from 'd'; export type { e } from 'e';
const f = await import('f'); type G = import('g').G; const h = require('h');
`;

/** Modules that some room must not import: a file in each room, the other folders, and packages. */
const TARGETS = [
  ...Object.keys(ROOMS).map((name) => `${name}/target.ts`),
  ...['local', 'bench', 'tests', 'tests/support', 'examples', 'supabase'].map(
    (name) => `${name}/target.ts`,
  ),
];
const PACKAGES = [
  ...new Set([
    ...Object.values(ROOMS).flatMap(({ libraries = [] }) =>
      libraries.map((library) => library.replace('*', library === 'node:*' ? 'fs' : 'part')),
    ),
    ...Object.keys({ ...manifest().devDependencies, ...manifest().dependencies }),
    'node:timers/promises',
    'fs',
    'zod',
    'not-installed',
  ]),
];

function manifest(): Record<'dependencies' | 'devDependencies', Record<string, string>> {
  return JSON.parse(text('package.json'));
}

/** A probe file in each room, which imports every target and package, one in a line. */
const PROBES = Object.keys(ROOMS).map((name) => {
  const file = `${name}/probe.ts`;
  const up = name
    .split('/')
    .map(() => '..')
    .join('/');
  const specifiers = [...TARGETS.map((target) => `${up}/${target}`), ...PACKAGES].map((specifier) =>
    shortest(file, specifier),
  );
  return { name, file, specifiers };
});

/** A relative import as the formatter and every editor write it. */
function shortest(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const target = join(dirname(file), specifier);
  const from = dirname(file).split('/');
  const to = target.split('/');
  while (from.length > 0 && from[0] === to[0]) {
    from.shift();
    to.shift();
  }
  return from.length === 0 ? `./${to.join('/')}` : [...from.map(() => '..'), ...to].join('/');
}

describe('the linter', () => {
  let findings: Finding[];

  beforeAll(async () => {
    const code = (
      specifiers: readonly string[],
      line: (specifier: string, index: number) => string,
    ) => `${specifiers.map(line).join('\n')}\n`;
    findings = await lint({
      ...Object.fromEntries(
        PROBES.map(({ file, specifiers }) => [
          file,
          code(specifiers, (specifier, index) => `import { a${index} } from '${specifier}';`),
        ]),
      ),
      ...Object.fromEntries(
        PROBES.map(({ file, specifiers }) => [
          file.replace('probe.ts', 'probe-types.ts'),
          code(specifiers, (specifier, index) => `export type { A${index} } from '${specifier}';`),
        ]),
      ),
      'sdk/span/one.ts':
        "import type { Two } from './two.ts';\nexport interface One { two: Two }\n",
      'sdk/span/two.ts':
        "import type { One } from './one.ts';\nexport interface Two { one: One }\n",
      'sdk/delivery/queue.ts': 'export const x = process.env.X;\n',
      'sdk/config/options.ts': 'export const x = process.env.X;\n',
    });
  });

  const refusedLines = (file: string): number[] =>
    findings
      .filter((finding) => finding.rule === WALL && finding.file.endsWith(`/${file}`))
      .map(({ line }) => line)
      .sort((a, b) => a - b);

  it.each(PROBES)(
    'refuses each import that $name may not have, and no other',
    ({ name, file, specifiers }) => {
      const allowed = specifiers.filter((specifier) => mayImport(file, specifier));
      const refused = specifiers.filter((specifier) => !mayImport(file, specifier));
      expect(allowed.length).toBeGreaterThan(0);
      expect(refused.length).toBeGreaterThan(0);
      const lines = refused.map((specifier) => specifiers.indexOf(specifier) + 1);
      const reported = refusedLines(file).map((line) => specifiers[line - 1]);
      expect(reported).toEqual(lines.map((line) => specifiers[line - 1]));
      expect(refusedLines(file.replace('probe.ts', 'probe-types.ts'))).toEqual(lines);
      const messages = findings.filter(
        (finding) => finding.rule === WALL && finding.file.endsWith(`/${file}`),
      );
      expect(new Set(messages.map(({ message }) => message))).toEqual(new Set([messageOf(name)]));
    },
  );

  it('refuses a cycle of imports of types', () => {
    const cycles = findings.filter(({ rule }) => rule === 'lint/suspicious/noImportCycles');
    expect(cycles.map(({ file }) => file.replace(/^.*\/sdk/, 'sdk')).sort()).toEqual([
      'sdk/span/one.ts',
      'sdk/span/two.ts',
    ]);
  });

  it('keeps the environment to the files that decide settings', () => {
    const readers = findings.filter(({ rule }) => rule === 'lint/style/noProcessEnv');
    expect(readers.map(({ file }) => file.replace(/^.*\/sdk/, 'sdk'))).toEqual([
      'sdk/delivery/queue.ts',
    ]);
  });
});

/** What DESIGN promises of single rooms, whatever the table says. */
describe('promised walls', () => {
  it.each([
    ['wire/records.ts', 'zod/mini'],
    ['wire/records.ts', 'node:crypto'],
    ['wire/records.ts', '../sdk/index.ts'],
    ['wire/genai/provider/usage.ts', '../../../lambda/store/store.ts'],
    ['wire/records.ts', '../cli/main.ts'],
    ['sdk/index.ts', '../lambda/store/store.ts'],
    ['sdk/delivery/queue.ts', '../../local/stack.ts'],
    ['sdk/delivery/queue.ts', 'zod/mini'],
    ['sdk/delivery/queue.ts', '@supabase/supabase-js'],
    ['sdk/delivery/queue.ts', '@aws-sdk/client-s3'],
    ['sdk/platform/ids.ts', '../span/context.ts'],
    ['lambda/ingest.ts', '../sdk/index.ts'],
    ['lambda/ingest.ts', '@supabase/supabase-js'],
    ['lambda/auth/authorize.ts', '@supabase/supabase-js'],
    ['lambda/store/store.ts', '../auth/authorize.ts'],
    ['infra/stack.ts', '../lambda/ingest.ts'],
    ['cli/main.ts', '../lambda/ingest.ts'],
    ['cli/records/source.ts', '../../local/stack.ts'],
  ])('%s may not import %s', (file, specifier) => {
    expect(roomOf(file)).toBeDefined();
    expect(mayImport(file, specifier)).toBe(false);
  });
});
