import type { Request } from './request.ts';

/** The content type without its parameters, in lower case; empty when there is none. */
export function mediaTypeOf(request: Request): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
