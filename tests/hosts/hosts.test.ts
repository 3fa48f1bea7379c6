/**
 * Each program of `programs/` runs without the SDK and with it, on each set of packages: it must see the same, and
 * leave the right rows.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installRuntimes, RUNTIMES } from '../package/runtimes.ts';
import { HostTables } from './host-tables.ts';
import { differences, observe } from './observe.ts';
import { installSet, LATEST, packageSets, readSet, runsOn } from './package-sets.ts';
import type { Program } from './program.ts';
import { faultsOf } from './row-checks.ts';

const FOLDER = join(import.meta.dirname, 'programs');
const { HOSTS_NODE, HOSTS_ONLY = '', HOSTS_LATEST } = process.env;

const programs: { file: string; program: Program }[] = [];
for (const name of readdirSync(FOLDER).sort()) {
  const file = join(FOLDER, name);
  const exported = (await import(file)) as { programs: Program[] };
  programs.push(...exported.programs.map((program) => ({ file, program })));
}
const sets = HOSTS_LATEST ? [readSet('newest', LATEST)] : packageSets();
const runs = sets
  .flatMap((set) =>
    programs
      .filter(({ program }) => runsOn(program, set))
      .map((one) => ({ ...one, set, title: `${set.name}: ${one.program.name}` })),
  )
  .filter(({ file, title }) => `${file} ${title}`.includes(HOSTS_ONLY));

let tables: HostTables;
let node: string;
const loaders = new Map<string, string>();

beforeAll(async () => {
  if (HOSTS_NODE) await installRuntimes();
  const runtime = HOSTS_NODE ? RUNTIMES[`Node ${HOSTS_NODE}` as 'Node 22'] : process.execPath;
  if (!runtime) throw new Error(`There is no Node ${HOSTS_NODE} here.`);
  node = runtime;
  await Promise.all(sets.map(async (set) => loaders.set(set.name, await installSet(set))));
  tables = await HostTables.open();
}, 900_000);
afterAll(() => tables?.close());

it('are programs of different names', () => {
  const names = programs.map(({ program }) => program.name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe.concurrent('a program sees the same with the SDK, and leaves its rows', () => {
  it.each(runs)('$title', { timeout: 1_800_000 }, async ({ file, program, set }) => {
    const project = await tables.project(program.name);
    const one = { file, name: program.name, loader: loaders.get(set.name) ?? '', node };
    const without = await observe({ ...one, environment: null });
    expect(without.saw, without.notes.stderr).toMatchObject({ isFinished: true, thrown: null });
    const withSdk = await observe({ ...one, environment: project.environment });
    const explained = JSON.stringify(withSdk.notes).slice(0, 4_000);
    expect(differences(without.saw, withSdk.saw), explained).toEqual([]);
    const rows = project.rows();
    const faults = (program.rows ?? []).flatMap((check) => {
      if (!rows) return ['no rows were read'];
      return typeof check === 'function' ? check(rows) : faultsOf(check, rows);
    });
    expect(faults, explained).toEqual([]);
  });
});
