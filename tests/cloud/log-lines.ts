/** The sum of one metric over lines in the embedded metric format. */
export function sumOf(lines: readonly string[], metric: string): number {
  return valuesOf(lines, metric).reduce((sum, value) => sum + value, 0);
}

/** The greatest value of one metric; 0 without any. */
export function maximumOf(lines: readonly string[], metric: string): number {
  return Math.max(0, ...valuesOf(lines, metric));
}

/** Lines that are no metrics, as objects. */
export function logLinesOf(lines: readonly string[]): Record<string, unknown>[] {
  return lines.flatMap(parse).filter((line) => !('_aws' in line));
}

function valuesOf(lines: readonly string[], metric: string): number[] {
  return lines
    .flatMap(parse)
    .filter((line) => '_aws' in line && typeof line[metric] === 'number')
    .map((line) => line[metric] as number);
}

function parse(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    return [];
  }
}
