/** What a room is, and the packages and rooms that several may import. */

/** A folder of source files with one idea. */
export interface Room {
  /** The one idea, as ARCHITECTURE.md states it. */
  readonly idea: string;
  /**
   * What it may import of ours: the files directly in these folders. Imports of types count.
   */
  readonly imports: readonly string[];
  /** Packages it may import; `name/*` names its subpaths, `node:*` every module of Node.js. */
  readonly libraries?: readonly string[];
  /** Whether its own subfolders are rooms that it may all import. */
  readonly isRoot?: true;
}

export const NODE = 'node:*';
export const ZOD = 'zod/mini';
export const OPENTELEMETRY = '@opentelemetry/api';
export const READER = 'wire/genai';
export const MASKING = 'wire/redaction';
export const BODIES = 'wire/genai/provider';
/** What the room of a client's protocol may import. */
export const OF_A_PROTOCOL = [
  'wire',
  READER,
  'lambda/http',
  'lambda/validation',
  'lambda/protocol',
];
export const FORMS = 'wire/genai/forms';
export const SOURCES = 'wire/genai/sources';
