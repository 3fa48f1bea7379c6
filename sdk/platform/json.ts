/**
 * Plain data as JSON text, whatever the host program did to the built-in prototypes: some libraries
 * define `toJSON` on them, which `JSON.stringify` would call for each object and list.
 */

/** Taken at import, because programs replace it. */
const { stringify } = JSON;

/** Whether `toJSON` is defined on a prototype that all lists, and all objects, inherit. */
export const hasForeignToJson = (): boolean => 'toJSON' in Array.prototype;

/** The JSON text of plain data: texts, finite numbers, booleans, null, and lists and objects of these. */
export function writeJson(value: unknown): string {
  if (!hasForeignToJson()) return stringify(value);
  if (typeof value !== 'object' || value === null) return stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(writeJson).join()}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([key, field]) => `${stringify(key)}:${writeJson(field)}`).join()}}`;
}
