/** Figures of one run: medians of interleaved rounds, and ratios within the run. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Milliseconds that a piece of work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** One line of the report: what was measured, our figure, and its ratio to the reference. */
export interface Figure {
  figure: string;
  ours: string;
  ratio: string;
  target: string;
}

/** Prints figures as a Markdown table. */
export function printFigures(title: string, figures: readonly Figure[]): void {
  const columns = ['figure', 'ours', 'ratio', 'target'] as const;
  const width = (column: (typeof columns)[number]) =>
    Math.max(column.length, ...figures.map((row) => row[column].length));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  console.log(`\n### ${title}\n`);
  console.log(line(columns.map((column) => column.padEnd(width(column)))));
  console.log(line(columns.map((column) => '-'.repeat(width(column)))));
  for (const row of figures) {
    console.log(line(columns.map((column) => row[column].padEnd(width(column)))));
  }
}
