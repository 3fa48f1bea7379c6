/**
 * `POST /api/v1/auth/validate`: the original Python SDK exchanges its token for a project id once, and
 * sends that id as its bearer token from then on.
 *
 * A project id is no secret, and the SDK prints the response. So the response is neither a project id
 * nor the token, but a value derived from the token: it may write by the routes of this SDK and nothing
 * else, and is valid as long as the token is. The database has its hash beside that of the token
 * (`agensight_private.python_value()`).
 */
import { hash } from 'node:crypto';
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

/** What the original Python SDK sends in place of this token. */
export function pythonValueOf(token: string): string {
  return `agp_${hash('sha256', `agensight-python-sdk:${token}`)}`;
}

/** 200 with the value for a valid token; 401, 403, 429 or 503 as at every other route. */
export async function answerValidate(
  request: Request,
  authorizer: Authorizer,
): Promise<HttpResponse> {
  const token = tokenIn(request);
  if (token instanceof HttpError) return errorResponse(token);
  const caller = await authorizer.authorizeToken(token, request.bodyBytes);
  if (caller instanceof HttpError) return errorResponse(caller);
  const reply = { valid: true, project_id: pythonValueOf(token) };
  return jsonResponse(200, reply, { 'cache-control': 'no-store' });
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
