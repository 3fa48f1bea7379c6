/** Any value as JSON in which undefined, null and absent differ, and errors are their class and message. */
export function plain(value: unknown, open: readonly unknown[] = []): unknown {
  if (value === undefined) return '[undefined]';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Error) return errorOf(value);
  if (open.includes(value)) return '[circular]';
  const path = [...open, value];
  if (Array.isArray(value)) return value.map((item) => plain(item, path));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, path)]));
}

/** Class, message and status of what was thrown. */
export function errorOf(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: plain(error) };
  const { message, name } = error;
  const status = 'status' in error ? error.status : undefined;
  return {
    class: error.constructor.name,
    name,
    message,
    ...(status === undefined ? {} : { status }),
  };
}
