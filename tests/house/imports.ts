/** Which modules a source file names, in whatever form of import. */
export function importsOf(source: string): string[] {
  return [...source.matchAll(IMPORT)].map(([, , specifier]) => specifier as string);
}

/** `import 'a'`, `… from 'a'`, `import('a')` of a value or a type, `require('a')`. */
const IMPORT = /\b(?:import|from|import\s*\(|require\s*\()\s*(['"])([\w@./:#-]+)\1/g;
