/** Routes that take what is not stored, so that clients which send it anyway report no errors. */
import type { HttpError } from '../http/http-error.ts';
import type { Request } from '../http/request.ts';
import { errorResponse, type HttpResponse, jsonResponse } from '../http/response.ts';

/** A route whose bodies are accepted and discarded. */
export interface DiscardRoute {
  readonly name: 'metrics' | 'feedback' | 'scores' | 'media' | 'projects' | 'images';
  readonly paths: readonly string[];
  /** The form of paths that hold ids. */
  readonly pattern?: RegExp;
  /** `POST` if absent. */
  readonly method?: 'GET';
  /** Checks the content type. */
  checkType(request: Request): HttpError | null;
  accept(request: Request, caller: { readonly projectId: string }): HttpResponse;
  /** The response to an error, in the format of the protocol. */
  refuse(error: HttpError, request: Request): HttpResponse;
}

/**
 * OpenLLMetry for Python uploads the images of prompts, and loses the prompt without an address of the
 * image. The bytes of images are not stored.
 */
export const imagesRoute: DiscardRoute = {
  name: 'images',
  paths: [],
  pattern: /^\/v2\/traces\/[^/]{1,64}\/spans\/[^/]{1,64}\/images$/,
  checkType: () => null,
  accept: () => jsonResponse(200, { url: 'agensight:image-not-stored' }),
  refuse: errorResponse,
};
