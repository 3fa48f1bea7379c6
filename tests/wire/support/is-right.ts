/** Whether a stored value is the expected one: exactly, one of several (`$any`), or containing a text. */
import { isDeepStrictEqual } from 'node:util';

type Fields = { readonly [key: string]: unknown };

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Columns of objects of which only the expected members are compared. */
const PARTIAL: readonly (string | null)[] = ['error', 'metadata'];

export function isRight(column: string | null, expected: unknown, got: unknown): boolean {
  if (isFields(expected) && Array.isArray(expected.$any)) {
    return expected.$any.some((value) => isRight(column, value, got));
  }
  if (isFields(expected) && typeof expected.$contains === 'string') {
    if (got === null || got === undefined) return false;
    return (typeof got === 'string' ? got : JSON.stringify(got)).includes(expected.$contains);
  }
  if (expected === null || got === null) return expected === got;
  if (typeof expected === 'number' && typeof got === 'number') {
    return Math.abs(got - expected) <= 1e-12 + Math.abs(expected) * 1e-9;
  }
  if (column === 'parts' && Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length) return false;
    return expected.every((part, at) => holds(part, got[at]));
  }
  if (PARTIAL.includes(column)) return holds(expected, got);
  return isDeepStrictEqual(plain(expected), plain(got));
}

/** Objects of the reader may lack a prototype. */
const plain = (value: unknown): unknown =>
  typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value;

function holds(expected: unknown, got: unknown): boolean {
  if (!isFields(expected) || !isFields(got)) return false;
  return Object.keys(expected).every((key) => isRight(null, expected[key], got[key] ?? null));
}
