/** Routes that take what is not stored, so that clients which send it anyway report no errors. */
import type { HttpError } from '../http/http-error.ts';
import type { Request } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';

/** A route whose bodies are accepted and discarded. */
export interface DiscardRoute {
  readonly name: 'metrics' | 'feedback' | 'scores' | 'media' | 'projects';
  readonly paths: readonly string[];
  /** `POST` if absent. */
  readonly method?: 'GET';
  /** Checks the content type. */
  checkType(request: Request): HttpError | null;
  accept(request: Request, caller: { readonly projectId: string }): HttpResponse;
  /** The response to an error, in the format of the protocol. */
  refuse(error: HttpError, request: Request): HttpResponse;
}
