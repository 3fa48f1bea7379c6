import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Finding, lint } from './linter.ts';
import { ROOMS } from './rooms.ts';
import { textOf } from './sources.ts';
import { mayImport, messageOf } from './walls.ts';

const WALL = 'lint/style/noRestrictedImports';

/** Modules that some room must not import: a file in each room, the other folders, and packages. */
const TARGETS = [
  ...Object.keys(ROOMS).map((name) => `${name}/target.ts`),
  ...['bench', 'tests', 'tests/support', 'examples', 'supabase'].map((name) => `${name}/target.ts`),
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
  return JSON.parse(textOf('package.json'));
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
