/** Which modules a source file names, in whatever form of import; examples in comments do not count. */
export function importsOf(source: string): string[] {
  return [...source.replace(COMMENT_LINE, '').matchAll(IMPORT)].map(
    ([, , specifier]) => specifier as string,
  );
}

/** A line of a block comment, or of a line comment. */
const COMMENT_LINE = /^\s*(?:\*|\/\/).*$/gm;

/** `import 'a'`, `… from 'a'`, `import('a')` of a value or a type, `require('a')`. */
const IMPORT = /\b(?:import|from|import\s*\(|require\s*\()\s*(['"])([\w@./:#-]+)\1/g;
