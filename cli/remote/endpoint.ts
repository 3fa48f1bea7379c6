/** The client of the ingest endpoint. */
import { gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { PATHS, PYTHON_VALUE_PATTERN, RECORD_KINDS, TOKEN_PATTERN } from '../../wire/protocol.ts';
import type { Setting } from '../shell/settings.ts';
import { type HttpResponse, request } from './request.ts';

export const TOKEN_HINT =
  "Create one in Supabase's SQL editor: select token from agensight.create_token('<project id>');";

const BATCH_TIMEOUT_MILLIS = 60_000;

export class Endpoint {
  readonly url: URL;
  readonly #token: string | undefined;

  constructor({ value }: Setting, token?: string) {
    this.url = new URL(value.replace(/\/+$/, ''));
    this.#token = token;
  }

  /** @throws CliError when the endpoint cannot be reached */
  health(): Promise<HttpResponse> {
    return request(this.#at(PATHS.health));
  }

  /**
   * One attempt to send a batch, given as JSON text.
   *
   * @throws CliError when the endpoint cannot be reached
   */
  send(body: string): Promise<HttpResponse> {
    return request(this.#at(PATHS.batch), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#token ?? ''}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: gzipSync(body, { level: 1 }),
      timeoutMillis: BATCH_TIMEOUT_MILLIS,
    });
  }

  #at(path: string): URL {
    return new URL(this.url.href.replace(/\/+$/, '') + path);
  }
}

/** Why a token is invalid, as the end of a sentence; null for a well-formed token. */
export function tokenProblem(token: string): string | null {
  if (TOKEN_PATTERN.test(token)) return null;
  if (PYTHON_VALUE_PATTERN.test(token)) {
    return 'is what the original Python SDK got for its token, and opens only the routes of that SDK; use the token itself, which begins with agn_';
  }
  return `is not a valid token (agn_ and 64 hexadecimal digits); it has ${token.length} characters`;
}

const HealthBody = z.object({
  status: z.string(),
  version: z.string(),
  schema_version: z.nullable(z.number()),
  expected_schema_version: z.number(),
});

/** The body of a health response; null when another server answered. */
export function parseHealth({ json }: HttpResponse): z.infer<typeof HealthBody> | null {
  return HealthBody.safeParse(json).data ?? null;
}

const ReplyBody = z.object({
  rejected: z.array(
    z.object({
      kind: z.enum(RECORD_KINDS),
      id: z.string(),
      field: z.string(),
      reason: z.string(),
    }),
  ),
  rejected_count: z.number(),
  stored: z.record(z.string(), z.number()),
});

/** The body of a response to an accepted batch; null when another server answered. */
export function parseReply({ json }: HttpResponse): z.infer<typeof ReplyBody> | null {
  return ReplyBody.safeParse(json).data ?? null;
}

const ErrorBody = z.object({ error: z.object({ message: z.string() }) });

/** Status and message of an error response: `401: the token is unknown`. */
export function describeError({ status, json }: HttpResponse): string {
  const { data } = ErrorBody.safeParse(json);
  return data ? `${status}: ${data.error.message}` : `status ${status}`;
}
