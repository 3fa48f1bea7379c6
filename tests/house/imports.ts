/** Which modules a source file names, in whatever form of import; examples in comments do not count. */
export function importsOf(source: string): string[] {
  return [...source.replace(COMMENT, '').matchAll(IMPORT)].map(
    ([, , specifier]) => specifier as string,
  );
}

/** Imports whose module is not written as text: no reader of the source can say what they load. */
export function unreadableImportsOf(source: string): string[] {
  return source.replace(COMMENT, '').match(UNREADABLE) ?? [];
}

/** A line of a block comment or of a line comment, and a block comment within a line. */
const COMMENT = /^\s*(?:\*|\/\/).*$|\/\*[^\n]*?\*\//gm;

/** `import 'a'`, `… from 'a'`, `import('a')` of a value or a type, `require('a')`, `getBuiltinModule('a')`. */
const IMPORT =
  /\b(?:import|from|import\s*\(|(?:require|getBuiltinModule)\s*\()\s*(['"`])([\w@./:#-]+)\1/g;

const UNREADABLE =
  /\b(?:import|require|getBuiltinModule)\s*\((?!\s*['"`][\w@./:#-]+['"`]\s*[,)]).{0,40}/g;
