/**
 * `POST /api/v1/auth/validate`: where the original Python SDK exchanges its token for a project id,
 * once, to send that id as its bearer from then on.
 *
 * A project id is no secret: it stands in every body. So the answer gives the token itself under
 * that name, and what this client sends as a bearer is a token like everybody else's.
 */

import type { JsonValue } from '../../wire/records.ts';
import { isObject } from '../../wire/values.ts';
import { type Authorizer, MAX_TOKEN_LENGTH } from '../auth/authorize.ts';
import { HttpError, malformed, tooLarge } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import type { Request } from '../http/request.ts';
import { errorResponse, type HttpResponse, jsonResponse } from '../http/response.ts';
import { withStages } from './routes.ts';

export const VALIDATE_PATHS: readonly string[] = withStages('/api/v1/auth/validate');

/** Room for a token and what a client may put around it. Nobody is known yet, so it is little. */
export const MAX_VALIDATE_BYTES = 4 * MAX_TOKEN_LENGTH;

/** 200 with the token for a good one; 401, 403, 429 or 503 as at any other door. */
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
    return tooLarge(`A body may have ${MAX_VALIDATE_BYTES} bytes here.`);
  }
  const parsed = decodeJson(request.readBody());
  if (parsed instanceof HttpError) return parsed;
  const value = parsed.value as JsonValue;
  return isObject(value) && typeof value.token === 'string'
    ? value.token.trim()
    : malformed('The body must be {"token": "..."}.');
}
