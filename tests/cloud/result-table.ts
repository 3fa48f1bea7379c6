/** What was done, and what came of it. */
export type Row = [what: string, result: string];

/** Prints what the run has shown, for people. */
export function printTable(rows: readonly Row[]): void {
  const width = Math.max(0, ...rows.map(([what]) => what.length));
  const lines = rows.map(([what, result]) => `  ${what.padEnd(width)}  ${result}`);
  process.stdout.write(`\nThe emulated cloud\n${lines.join('\n')}\n`);
}
