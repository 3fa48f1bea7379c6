/**
 * `POST /api/v1/auth/validate`: the original Python SDK exchanges its token for a project id once, and
 * sends that id as its bearer token from then on.
 *
 * A project id is no secret: every body contains it. So the response returns the token itself as the
 * project id, and what this SDK sends as a bearer token is an ordinary token.
 */
import * as z from 'zod/mini';
import { type Authorizer, MAX_TOKEN_LENGTH } from '../auth/authorize.ts';
import { HttpError, malformed, tooLarge } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import type { Request } from '../http/request.ts';
import { errorResponse, type HttpResponse, jsonResponse } from '../http/response.ts';
import { withStages } from './routes.ts';

export const VALIDATE_PATHS: readonly string[] = withStages('/api/v1/auth/validate');

/** Room for a token and its JSON. Small, because the sender is not authorized yet. */
export const MAX_VALIDATE_BYTES = 4 * MAX_TOKEN_LENGTH;

/** The body of the request. */
export const validateSchema = z.object({ token: z.string().check(z.trim()) });

/** 200 with the token if it is valid; 401, 403, 429 or 503 as at every other route. */
export async function answerValidate(
  request: Request,
  authorizer: Authorizer,
): Promise<HttpResponse> {
  const token = tokenIn(request);
  if (token instanceof HttpError) return errorResponse(token);
  const caller = await authorizer.authorizeToken(token, request.bodyBytes);
  if (caller instanceof HttpError) return errorResponse(caller);
  return jsonResponse(200, { valid: true, project_id: token }, { 'cache-control': 'no-store' });
}

function tokenIn(request: Request): string | HttpError {
  if (request.bodyBytes > MAX_VALIDATE_BYTES) {
    return tooLarge(`A body may have at most ${MAX_VALIDATE_BYTES} bytes here.`);
  }
  const decoded = decodeJson(request.readBody());
  if (decoded instanceof HttpError) return decoded;
  const body = validateSchema.safeParse(decoded.value);
  return body.success ? body.data.token : malformed('The body must be {"token": "..."}.');
}
