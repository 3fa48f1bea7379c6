/** Bodies of `multipart/form-data` (RFC 7578), in which LangSmith's clients send runs field by field. */
import { LIMITS } from '../../wire/protocol.ts';
import { type HttpError, malformed, tooLarge } from '../http/http-error.ts';

/** One part: its name, and its bytes, which are a view of the body. */
export interface Part {
  readonly name: string;
  readonly body: Buffer;
}

/** Most parts of one body: a run has a part for each of eight fields. */
export const MAX_PARTS = 8 * LIMITS.maxRecordsPerBatch;

/** The head of a part has a name, a type and a length. */
const MAX_HEAD_BYTES = 4_096;

/** The longest boundary that the standard allows (RFC 2046, section 5.1.1). */
const BOUNDARY = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70})(?=[\s;]|$))/i;
const NAME = /^content-disposition:[^\r\n]*;\s*name=(?:"([^"\r\n]*)"|([^\s;"]+))/im;

const HEAD_END = '\r\n\r\n';

/** The parts of a body; an error where it is no multipart body, or is cut. */
export function readParts(body: Buffer, contentType: string): Part[] | HttpError {
  const boundary = boundaryOf(contentType);
  if (boundary === null) return malformed('The content type has no boundary.');
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let at = body.indexOf(delimiter);
  if (at < 0) return malformed('The body does not have the boundary of its content type.');
  for (;;) {
    const start = at + delimiter.length;
    // `--` after the boundary ends the body.
    if (body[start] === 0x2d && body[start + 1] === 0x2d) return parts;
    if (parts.length >= MAX_PARTS) {
      return tooLarge(`A body may hold at most ${MAX_PARTS} parts.`);
    }
    at = endOfPart(body, delimiter, start);
    const headEnd = body.subarray(start, Math.min(at, start + MAX_HEAD_BYTES)).indexOf(HEAD_END);
    if (at < 0 || headEnd < 0) return malformed('A part of the body is cut.');
    const [, quoted, bare] = NAME.exec(body.toString('utf8', start, start + headEnd)) ?? [];
    parts.push({
      name: quoted ?? bare ?? '',
      body: body.subarray(start + headEnd + HEAD_END.length, at - 2),
    });
  }
}

export function boundaryOf(contentType: string): string | null {
  const [, quoted, bare] = BOUNDARY.exec(contentType) ?? [];
  return quoted ?? bare ?? null;
}

/** The next delimiter, which is a line of its own; -1 if there is none. */
function endOfPart(body: Buffer, delimiter: Buffer, start: number): number {
  let at = body.indexOf(delimiter, start);
  while (at >= 0 && !isLine(body, at, at + delimiter.length)) at = body.indexOf(delimiter, at + 1);
  return at;
}

/** Whether a line break precedes, and `--`, a line break or white space follows. */
function isLine(body: Buffer, start: number, end: number): boolean {
  const isAtStart = body[start - 2] === 0x0d && body[start - 1] === 0x0a;
  return isAtStart && /^(?:--|\r\n|[ \t])/.test(body.toString('latin1', end, end + 2));
}
