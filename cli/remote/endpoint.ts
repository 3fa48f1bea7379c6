/** The ingest endpoint: where it is, and what it answers to a batch. */
import { gzipSync } from 'node:zlib';
import { PATHS } from '../../wire/protocol.ts';
import type { BatchReply, ErrorReply } from '../../wire/reply.ts';
import { UsageError } from '../shell/command.ts';
import type { Setting } from '../shell/settings.ts';
import { type Answer, request } from './request.ts';

/** The form of every token, as `create_token()` in the database makes them. */
const TOKEN = /^agn_[0-9a-f]{64}$/;

export const TOKEN_CURE =
  "Make one in Supabase's SQL editor: select token from agensight.create_token('<project id>');";

export class Endpoint {
  readonly url: URL;
  readonly #token: string | undefined;

  /** @throws UsageError when the URL is none */
  constructor({ value, from }: Setting, token?: string) {
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
      throw new UsageError(`${from} must be an http:// or https:// URL`);
    }
    this.url = new URL(value.replace(/\/+$/, ''));
    this.#token = token;
  }

  /** @throws Failure when there is no answer */
  health(): Promise<Answer> {
    return request(this.#at(PATHS.health));
  }

  /**
   * One attempt to store a batch, given as JSON text.
   *
   * @throws Failure when there is no answer
   */
  send(body: string): Promise<Answer> {
    return request(this.#at(PATHS.batch), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#token ?? ''}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: gzipSync(body, { level: 1 }),
      timeoutMillis: 60_000,
    });
  }

  #at(path: string): URL {
    return new URL(this.url.href.replace(/\/+$/, '') + path);
  }
}

/** What is wrong with a token's form; null when nothing is. */
export function problemOfToken(token: string): string | null {
  if (TOKEN.test(token)) return null;
  return `has not the form of a token (agn_ and 64 hexadecimal digits); it has ${token.length} characters`;
}

/** The server's own words for why it refused. */
export function refusalIn({ status, json }: Answer): string {
  const message = (json as Partial<ErrorReply> | undefined)?.error?.message;
  return typeof message === 'string' ? `${status}: ${message}` : `status ${status}`;
}

/** What became of the records of a batch that was taken; null when the answer is not the endpoint's. */
export function replyIn({ json }: Answer): BatchReply | null {
  const reply = json as Partial<BatchReply> | null | undefined;
  return reply?.stored && Array.isArray(reply.rejected) ? (reply as BatchReply) : null;
}
