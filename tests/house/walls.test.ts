import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, unreadableImportsOf } from './imports.ts';
import { ROOMS } from './rooms.ts';
import { filesIn, sourcesIn, textOf } from './sources.ts';
import { mayImport, roomOf, wallsConfiguration, withRooms } from './walls.ts';

/** Source files of the folders that consist of rooms. */
const HALLS = ['wire', 'sdk', 'lambda', 'cli', 'infra', 'local'];
const HOUSED = HALLS.flatMap(sourcesIn);

describe('the table of rooms', () => {
  it('is what the linter is configured with; npm run walls writes it', () => {
    expect(JSON.parse(textOf('biome.walls.json'))).toEqual(wallsConfiguration());
  });

  it('is what ARCHITECTURE.md shows; npm run walls writes it', () => {
    expect(textOf('ARCHITECTURE.md')).toBe(withRooms(textOf('ARCHITECTURE.md')));
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
    importsOf(textOf(file)).map((specifier) => ({ file, specifier })),
  );

  it('are found', () => {
    expect(imports.length).toBeGreaterThan(HOUSED.length);
    expect(imports).toContainEqual({
      file: 'lambda/store/store.ts',
      specifier: '@supabase/supabase-js',
    });
    expect(importsOf(IMPORT_FORMS)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']);
  });

  it('are written in TypeScript files, which the linter has the walls for', () => {
    const others = HALLS.flatMap(filesIn).filter((file) => !/\.(ts|sql)$/.test(file));
    expect(others).toEqual([]);
  });

  it('name their modules, but where a module of the program itself is loaded', () => {
    const unreadable = HOUSED.filter((file) => unreadableImportsOf(textOf(file)).length > 0);
    expect(unreadable).toEqual(UNREADABLE);
    expect(unreadableImportsOf('import(`../a.ts`); import(/* x */ "a"); import("b", {});')).toEqual(
      [],
    );
    expect(unreadableImportsOf('import(name)')).toHaveLength(1);
    expect(unreadableImportsOf('process.getBuiltinModule(name)')).toHaveLength(1);
  });

  it('of wire include no global of Node.js', () => {
    const users = sourcesIn('wire').filter((file) => NODE_GLOBAL.test(textOf(file)));
    expect(users).toEqual([]);
    expect("if (typeof process === 'object')").toMatch(NODE_GLOBAL);
  });

  it('keep to the table, imports of types and paths with detours included', () => {
    const refused = imports.filter(({ file, specifier }) => !mayImport(file, specifier));
    expect(refused).toEqual([]);
  });
});

/** Files that load modules which only the program they run in can name. */
const UNREADABLE = ['sdk/instrument/auto-instrument.ts', 'local/import-prices.ts'];

/** Used as a value; `environment.process` and words in texts and comments are not. */
const NODE_GLOBAL =
  /^(?!\s*(?:\*|\/\/|\/\*)).*?(?<![\w.'"-])(?:process|Buffer|require|__dirname|__filename)\b(?=[.(\s[]*(?:===|[.([]))/m;

const IMPORT_FORMS = `
import 'a'; import type { B } from 'b'; import {
  type C,
} from "c";
export { d } from 'd'; export type { e } from 'e';
// import 'no';
/**
 * import 'no'
 */
const f = await import('f'); type G = import('g').G; const h = require('h'); process.getBuiltinModule('i');
`;

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
